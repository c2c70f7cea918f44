/** An address at which there is no page. */
import { useTitle } from '../components/shell/use-title.ts'
import { Missing } from '../components/ui/missing.tsx'
import { text } from '../text/index.ts'

export function NotFound() {
  const { heading, detail, back } = text.notFound
  useTitle(heading)
  return <Missing heading={heading} detail={detail} to="/" back={back} />
}
