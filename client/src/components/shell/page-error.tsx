/** What stands in the place of a page that could not be loaded or shown. */
import { useRouteError } from 'react-router'
import { text } from '../../text/index.ts'
import { Button } from '../ui/button.tsx'
import { FailureNote } from '../ui/failure-note.tsx'

export function PageError() {
  const error = useRouteError()
  const { pageError } = text
  return (
    <div role="alert" className="grid max-w-2xl justify-items-start gap-4 p-6">
      <FailureNote
        title={pageError.title}
        detail={error instanceof Error ? error.message : pageError.detail}
      />
      <Button label={pageError.reload} onClick={() => location.reload()} />
    </div>
  )
}
