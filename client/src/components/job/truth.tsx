/** What a photo truly shows, where its client said so, and whether it was recognised. */
import type { Job } from '@argus/shared'
import { CircleCheck, CircleDot, CircleX, Tag } from 'lucide-react'
import { text } from '../../text/index.ts'

export function Truth({ job: { truth, result } }: { job: Job }) {
  if (truth === null) return null
  const { icon: Icon, colour, words } = judge(truth, result !== null)
  return (
    <p data-truth={truth.place ?? 'none'} className="mt-4 flex gap-2 border-t border-line pt-3">
      <Icon aria-hidden size={16} className={`mt-0.5 shrink-0 ${colour}`} />
      <span title={truth.wordnetId}>{words}</span>
    </p>
  )
}

function judge({ label, place }: NonNullable<Job['truth']>, isRecognised: boolean) {
  const { truth } = text
  if (!isRecognised) return { icon: Tag, colour: 'text-ink-muted', words: truth.known(label) }
  if (place === null) return { icon: CircleX, colour: 'text-bad', words: truth.wrong(label) }
  if (place > 1) return { icon: CircleDot, colour: 'text-warn', words: truth.among(label, place) }
  return { icon: CircleCheck, colour: 'text-good', words: truth.right(label) }
}
