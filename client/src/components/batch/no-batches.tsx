/** Teaches what a batch is for and how to make one, as long as there is none. */
import { FolderUp } from 'lucide-react'
import { Link } from 'react-router'
import { BATCHES_PATH } from '../../api/batches.ts'
import { text } from '../../text/index.ts'
import { Command } from '../ui/command.tsx'

export function NoBatches() {
  const { batches } = text
  const curl = `curl -F name=Holidays -F image=@one.jpg -F image=@two.jpg ${location.origin}${BATCHES_PATH}`
  return (
    <div className="grid justify-items-center gap-6 rounded-lg border border-line bg-surface px-5 py-8 md:py-12">
      <div className="grid max-w-xl justify-items-center gap-3 text-center">
        <FolderUp aria-hidden size={32} className="text-accent" />
        <h2 className="text-lg font-semibold">{batches.empty}</h2>
        <p className="text-balance text-ink-muted">{batches.emptyWhat}</p>
        <p>
          <Link to="/submit" className="font-medium text-accent underline-offset-4 hover:underline">
            {batches.emptySubmit}
          </Link>{' '}
          {batches.emptyHere}
        </p>
      </div>
      <div className="grid w-full max-w-2xl gap-2">
        <p className="text-xs text-ink-muted">{batches.emptyCommand}</p>
        <Command command="npx argus submit photos/ --csv results.csv" />
        <p className="mt-2 text-xs text-ink-muted">{batches.emptyCurl}</p>
        <Command command={curl} />
      </div>
    </div>
  )
}
