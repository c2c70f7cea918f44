/** Copies a text to the clipboard. */
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { text } from '../../text/index.ts'
import { IconButton } from './icon-button.tsx'

const CONFIRM_MS = 2_000

interface Props {
  content: string
  /** What is copied, for hover and for assistive technology. */
  label?: string
}

export function CopyButton({ content, label = text.empty.copy }: Props) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <>
      <IconButton
        icon={copied ? Check : Copy}
        label={label}
        onClick={() => void copy(content).then(setCopied)}
      />
      <span aria-live="polite" className="sr-only">
        {copied && text.empty.copied}
      </span>
    </>
  )
}

/** @returns whether it worked */
async function copy(content: string): Promise<boolean> {
  // Over plain HTTP from another machine there is no `navigator.clipboard`; a selection can still be copied.
  if (window.isSecureContext) {
    return navigator.clipboard.writeText(content).then(
      () => true,
      () => false,
    )
  }
  const field = document.createElement('textarea')
  field.value = content
  document.body.append(field)
  field.select()
  const worked = document.execCommand('copy')
  field.remove()
  return worked
}
