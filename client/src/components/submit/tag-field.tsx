/** The tags of the photos that are submitted next: each is entered as `name=value`, and can be taken back. */
import { X } from 'lucide-react'
import { useState } from 'react'
import { text } from '../../text/index.ts'
import { tagProblem } from '../../uploads/tags.ts'
import { Button } from '../ui/button.tsx'
import { FIELD, Field } from '../ui/field.tsx'

interface Props {
  tags: readonly string[]
  onChange: (tags: readonly string[]) => void
}

export function TagField({ tags, onChange }: Props) {
  const [entered, setEntered] = useState('')
  const [tried, setTried] = useState(false)
  const words = text.submitOptions
  const problem = entered === '' ? null : tagProblem(entered.trim(), tags)
  const add = () => {
    setTried(true)
    if (entered === '' || problem !== null) return
    onChange([...tags, entered.trim()])
    setEntered('')
    setTried(false)
  }
  return (
    <div className="grid gap-2">
      <Field
        label={words.tags}
        detail={words.tagDetail}
        problem={tried && problem !== null ? words.tagProblems[problem] : null}
      >
        {({ id, describedBy }) => (
          <div className="flex gap-2">
            <input
              id={id}
              aria-describedby={describedBy}
              aria-invalid={tried && problem !== null}
              value={entered}
              placeholder={words.tagPlaceholder}
              autoComplete="off"
              autoCapitalize="none"
              onChange={({ target }) => setEntered(target.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return
                event.preventDefault()
                add()
              }}
              // What is entered and not added would be forgotten without a word.
              onBlur={add}
              className={FIELD}
            />
            <Button label={words.addTag} onClick={add} />
          </div>
        )}
      </Field>
      {tags.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {tags.map((tag) => (
            <li key={tag} className="flex h-6 max-w-full items-center rounded-sm bg-sunken pl-2 text-xs">
              <span title={tag} className="truncate">
                {tag}
              </span>
              <button
                type="button"
                aria-label={words.removeTag(tag)}
                title={words.removeTag(tag)}
                onClick={() => onChange(tags.filter((other) => other !== tag))}
                className="flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-muted transition-colors hover:text-ink"
              >
                <X aria-hidden size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
