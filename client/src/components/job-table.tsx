/** The newest jobs, one row each; on a narrow screen each row becomes a card. */
import type { Job } from '@argus/shared'
import { text } from '../text.ts'
import { JobRow } from './job-row.tsx'

interface Props {
  jobs: readonly Job[]
  arrived: ReadonlySet<string>
}

export function JobTable({ jobs, arrived }: Props) {
  const { columns } = text.jobs
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <table className="w-full table-fixed text-left max-lg:block">
        <thead className="border-b border-line bg-sunken text-xs text-ink-muted max-lg:sr-only">
          <tr>
            <th scope="col" className="py-2 pr-3 pl-4 font-medium">
              {columns.photo}
            </th>
            <th scope="col" className="w-32 px-3 font-medium">
              {columns.status}
            </th>
            <th scope="col" className="w-[30%] px-3 font-medium">
              {columns.result}
            </th>
            <th scope="col" className="w-52 px-3 font-medium">
              {columns.time}
            </th>
            <th scope="col" className="w-36 py-2 pr-4 pl-3 font-medium max-xl:hidden">
              {columns.worker}
            </th>
          </tr>
        </thead>
        <tbody className="max-lg:block">
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} arrived={arrived.has(job.id)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
