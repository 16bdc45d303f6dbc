import { hasSurrogates } from './value.ts'

/** The characters of a text: code points, each as a text of its own. */
export function codePoints(text: string): string[] {
  return hasSurrogates(text) ? [...text] : text.split('')
}

/** The code points from one position to another. */
export function joinPoints(text: string, from: bigint, to: bigint): string {
  if (!hasSurrogates(text)) return text.slice(Number(from), Number(to))
  return [...text].slice(Number(from), Number(to)).join('')
}

/** Where the code point at a position begins, in code units. */
export function textOffset(text: string, position: bigint): number {
  return joinPoints(text, 0n, position).length
}

/** The position of the code point that begins at an offset; -1 for one that was not found. */
export function positionAfter(text: string, offset: number): bigint {
  return BigInt(offset <= 0 || !hasSurrogates(text) ? offset : [...text.slice(0, offset)].length)
}
