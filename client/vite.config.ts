/** Builds the web app into `dist`, from where the master serves it; in development a master is proxied. */
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const master = 'http://127.0.0.1:5000'

export default defineConfig({
  base: '/',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: 'dist',
    // Older browsers lack `light-dark()`, with which each colour is one line in the tokens, or popovers.
    target: ['chrome123', 'firefox125', 'safari17.5'],
  },
  server: {
    proxy: {
      '/api': master,
      '/socket.io': { target: master, ws: true },
    },
  },
})
