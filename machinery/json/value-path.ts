/** A member of a map by its name, or an item of a list by its index. */
export type PathStep = string | number

/** The largest index: a list is grown up to it. */
const indexMax = 10_000

/** What says which object it is, and how it is, and whose. */
const reserved = new Set<PathStep | undefined>(['apiVersion', 'kind', 'metadata', 'status'])

/**
 * A place for values in an object, such as `spec.rules[0].host` (eso-behaviour.md 4.3): names keep their case, and one
 * with a dot cannot be said. A text instead of steps is what is wrong with it.
 */
export function parseValuePath(text: string): readonly PathStep[] | string {
  const steps: PathStep[] = []
  for (const segment of text.split('.')) {
    if (segment === '') return 'empty segment'
    const open = segment.indexOf('[')
    const name = open < 0 ? segment : segment.slice(0, open)
    if (name !== '') steps.push(name)
    const indices = open < 0 ? [] : indicesOf(segment.slice(open))
    if (typeof indices === 'string') return indices
    steps.push(...indices)
  }
  if (typeof steps[0] !== 'string') return 'must start with a key'
  return reserved.has(steps[0]) ? `values have no place in ${steps[0]}` : steps
}

function indicesOf(text: string): readonly number[] | string {
  const indices: number[] = []
  for (let at = 0; at < text.length; ) {
    const close = text.indexOf(']', at)
    if (text[at] !== '[') return 'bad index'
    if (close < 0) return "unterminated '['"
    const digits = text.slice(at + 1, close)
    if (/^-\d+$/.test(digits)) return 'negative index'
    if (!/^\d{1,9}$/.test(digits)) return 'bad index'
    if (Number(digits) > indexMax) return `index ${digits} exceeds maximum (${indexMax})`
    indices.push(Number(digits))
    at = close + 1
  }
  return indices
}
