import type { RE2JS } from 're2js'

/**
 * Go's `Regexp.ReplaceAllString`: `$1`, `${1}`, `$name` and `${name}` stand for groups, the longest name counts, a
 * group that is not there is nothing, `$$` is a dollar. An empty match right behind another match is none.
 */
export function goReplaceAll(pattern: RE2JS, text: string, template: string): string {
  const pieces = parse(template)
  const matcher = pattern.matcher(text)
  const names = pattern.namedGroups()
  let result = ''
  let end = 0
  let hasMatched = false
  while (matcher.find()) {
    if (hasMatched && matcher.start() === matcher.end() && matcher.start() === end) continue
    result += text.slice(end, matcher.start())
    for (const piece of pieces) {
      if (typeof piece === 'string') result += piece
      else result += groupOf(piece.group, names, matcher)
    }
    end = matcher.end()
    hasMatched = true
  }
  return result + text.slice(end)
}

type Piece = string | { readonly group: string }

/** A dollar that begins no reference stands for itself. */
function parse(template: string): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of template.matchAll(/\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu)) {
    pieces.push(template.slice(end, match.index))
    const [whole, dollar, braced, plain] = match
    pieces.push(dollar ?? { group: braced ?? plain ?? '' })
    end = match.index + whole.length
  }
  return [...pieces, template.slice(end)]
}

interface Groups {
  groupCount(): number
  group(index: number): string | null
}

function groupOf(group: string, names: Readonly<Record<string, number>>, groups: Groups): string {
  const index = /^\d+$/.test(group) ? Number(group) : names[group]
  if (index === undefined || index > groups.groupCount()) return ''
  return groups.group(index) ?? ''
}
