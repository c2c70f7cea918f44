/** An address at which there is no page. */
import { Link } from 'react-router'
import { useTitle } from '../components/shell/use-title.ts'
import { text } from '../text/index.ts'

export function NotFound() {
  const { notFound } = text
  useTitle(notFound.heading)
  return (
    <section className="grid justify-items-center gap-3 py-16 text-center">
      <h2 className="text-lg font-semibold">{notFound.heading}</h2>
      <p className="text-ink-muted">{notFound.detail}</p>
      <Link to="/" className="font-medium text-accent underline-offset-4 hover:underline">
        {notFound.back}
      </Link>
    </section>
  )
}
