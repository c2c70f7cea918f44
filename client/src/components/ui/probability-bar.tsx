/** A probability as a bar. The number always stands next to it, so the bar itself is decoration. */
export function ProbabilityBar({ probability }: { probability: number }) {
  return (
    <div aria-hidden className="my-0.5 h-1 overflow-hidden rounded-full bg-line">
      <div className="h-full rounded-full bg-accent" style={{ width: `${probability * 100}%` }} />
    </div>
  )
}
