/** Starts the web app: what it listens to, its live connection, and the page. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { connectBoard } from './live/socket.ts'
import { Board } from './routes/board.tsx'
import { startClock } from './stores/clock.ts'
import { listenForPhotos } from './stores/dragging.ts'
import { startOpened } from './stores/opened.ts'
import { loadSamples } from './stores/samples.ts'
import { followMaster } from './stores/uploads.ts'
import './styles/base.css'

startClock()
startOpened()
listenForPhotos()
followMaster()
connectBoard()
void loadSamples()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <Board />
  </StrictMode>,
)
