/** Text for a terminal: colours where there are any, and nothing that a stranger could play tricks with. */
import { styleText } from 'node:util'

export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'
export type Paint = (style: Style, text: string) => string

/** Colours on a terminal, unless NO_COLOR forbids them (no-color.org). */
export function painter({ isTTY }: { readonly isTTY?: boolean | undefined }, env = process.env): Paint {
  const isColoured = isTTY === true && !env.NO_COLOR
  return (style, text) => (isColoured ? styleText(style, text) : text)
}

/**
 * Makes visible what steers a terminal or turns the direction of writing: names of files and owners are from
 * whoever submitted the photo.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\u{fffd}')
}

/** `1 photo`, `2 photos`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

/** As a share of 1 is written: `93.1 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** As a clock shows it: `1:05`, `2:00:00`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const [first = 0, ...others] = parts[0] === 0 ? parts.slice(1) : parts
  return [String(first), ...others.map((part) => String(part).padStart(2, '0'))].join(':')
}
