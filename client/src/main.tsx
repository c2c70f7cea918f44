/** Starts the web app: what it listens to, its live connection, and the pages. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { connectBoard } from './live/socket.ts'
import { startClock } from './stores/clock.ts'
import { listenForPhotos } from './stores/dragging.ts'
import { followMaster } from './stores/uploads.ts'
import './styles/base.css'

startClock()
listenForPhotos()
followMaster()
connectBoard()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
