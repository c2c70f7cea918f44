/** The job as a program reads it: the command, and what it answers. */
import type { JobDetail } from '@argus/shared'
import { ChevronRight, ExternalLink } from 'lucide-react'
import { useState } from 'react'
import { jobPath } from '../../api/jobs.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { Command } from '../ui/command.tsx'
import { CopyButton } from '../ui/copy-button.tsx'

/** @param isRemoved its address leads nowhere any more */
export function JobJson({ job, isRemoved }: { job: JobDetail; isRemoved: boolean }) {
  const [isOpen, setIsOpen] = useState(false)
  const { details } = text
  const path = jobPath(job.id)
  const command = `curl ${location.origin}${path}`
  const json = JSON.stringify(job, null, 2)
  return (
    <Card
      heading={details.rawJson}
      aside={
        !isRemoved && (
          <a
            href={path}
            target="_blank"
            rel="noreferrer"
            className="inline-flex items-center gap-1.5 rounded-sm font-medium text-accent underline-offset-4 hover:underline"
          >
            {details.json}
            <ExternalLink aria-hidden size={14} />
          </a>
        )
      }
    >
      {!isRemoved && (
        <>
          <p className="mb-1 text-xs text-ink-muted">{details.curl}</p>
          <div className="mb-3">
            <Command command={command} label={details.copyCurl} />
          </div>
        </>
      )}
      <div className="relative">
        <details
          onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
          className="group rounded-md border border-line bg-sunken"
        >
          <summary className="flex h-9 list-none items-center gap-2 rounded-md pr-12 pl-3 font-medium">
            <ChevronRight aria-hidden size={16} className="transition-transform group-open:rotate-90" />
            {details.showJson}
          </summary>
          {isOpen && (
            <pre className="border-t border-line p-3 font-mono text-xs leading-5 whitespace-pre-wrap wrap-anywhere">
              {json}
            </pre>
          )}
        </details>
        {/* Beside the summary, not in it: what is in it would toggle it too. */}
        <div className="absolute top-1 right-1">
          <CopyButton content={json} label={details.copyJson} />
        </div>
      </div>
    </Card>
  )
}
