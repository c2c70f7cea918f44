/** Makes the whole window take dropped and pasted photos, also while a dialog is open. */
import { create } from 'zustand'
import { readDropped } from '../uploads/dropped.ts'
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
    if (event.dataTransfer) void take(event.dataTransfer)
  })
  window.addEventListener('paste', (event) => void submitFiles(event.clipboardData?.files ?? []))
}

async function take(dropped: DataTransfer): Promise<void> {
  const { files, folder } = await readDropped(dropped)
  await submitFiles(files, folder)
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}
