/**
 * What is above everything while photos are submitted. The browser draws an open dialog over the whole page and
 * makes the rest unusable, so whoever opens one has to hold this layer inside of it.
 */
import { DropOverlay } from './drop-overlay.tsx'
import { UploadTray } from './upload-tray.tsx'

export function SubmissionLayer() {
  return (
    <>
      <UploadTray />
      <DropOverlay />
    </>
  )
}
