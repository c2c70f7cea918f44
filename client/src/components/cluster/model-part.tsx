/** The one model of the cluster, and what the master does about it just now. */
import type { ModelState } from '@argus/shared'
import { CircleCheck, CircleX, Download, FlaskConical, type LucideIcon, Search } from 'lucide-react'
import { useBoard } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'

const looks: Record<ModelState['state'], { icon: LucideIcon; colour: string }> = {
  resolving: { icon: Search, colour: 'text-ink-muted' },
  fetching: { icon: Download, colour: 'text-accent' },
  testing: { icon: FlaskConical, colour: 'text-accent' },
  serving: { icon: CircleCheck, colour: 'text-good' },
  missing: { icon: CircleX, colour: 'text-bad' },
}

export function ModelPart() {
  const model = useBoard(({ overview }) => overview?.cluster.model)
  return (
    <div className="min-h-17">
      <p className="text-xs text-ink-muted">{text.model.label}</p>
      {model === undefined ? <Skeleton className="mt-2 h-4 w-64 max-w-full" /> : <Model model={model} />}
    </div>
  )
}

function Model({ model }: { model: ModelState }) {
  const { icon: Icon, colour } = looks[model.state]
  const name = 'name' in model ? model.name : text.cluster.noModel
  return (
    <>
      <div className="flex min-w-0 items-center gap-3">
        <p title={name} className="truncate text-base font-semibold">
          {name}
        </p>
        <p data-model-state={model.state} className="flex shrink-0 items-center gap-1.5 font-medium">
          <Icon aria-hidden size={16} className={`shrink-0 ${colour}`} />
          {text.model.states[model.state]}
        </p>
      </div>
      {'digest' in model && (
        <div className="flex h-7 min-w-0 items-center gap-1">
          <code title={model.digest} className="truncate font-mono text-xs text-ink-muted">
            {model.digest}
          </code>
          <CopyButton content={model.digest} label={text.model.copyDigest} />
        </div>
      )}
      {model.state === 'fetching' && (
        <p className="text-ink-muted">{text.model.fetched(model.receivedBytes, model.totalBytes)}</p>
      )}
      {model.state === 'missing' && <p className="wrap-anywhere text-ink-muted">{model.detail}</p>}
    </>
  )
}
