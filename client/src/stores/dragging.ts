/** Makes the whole window take dropped and pasted photos, also while a dialog is open. */
import { create } from 'zustand'
import { submitFiles } from './uploads.ts'

/** Whether files are being dragged over the window. */
export const useDragging = create<{ dragging: boolean }>(() => ({ dragging: false }))

/** Starts to listen; called once. */
export function listenForPhotos(): void {
  window.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return
    // Without this the browser would leave the page to show the file.
    event.preventDefault()
    if (!useDragging.getState().dragging) useDragging.setState({ dragging: true })
  })
  window.addEventListener('dragleave', (event) => {
    // Every element that the pointer leaves for another one fires this too.
    if (event.relatedTarget === null) useDragging.setState({ dragging: false })
  })
  window.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    useDragging.setState({ dragging: false })
    submitFiles(event.dataTransfer?.files ?? [])
  })
  window.addEventListener('paste', (event) => submitFiles(event.clipboardData?.files ?? []))
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}
