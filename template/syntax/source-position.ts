import type { Position } from '../errors.ts'

export function positionAt(source: string, offset: number): Position {
  const lineStart = source.lastIndexOf('\n', offset - 1) + 1
  let line = 1
  for (let index = source.indexOf('\n'); index >= 0 && index < offset; index = source.indexOf('\n', index + 1))
    line += 1
  return { line, column: offset - (offset === 0 ? 0 : lineStart) }
}
