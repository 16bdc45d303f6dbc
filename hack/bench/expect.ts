/** A figure of answers that are not what they should be is worth nothing. */
export function expect(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`the server answered ${actual} instead of ${expected}`)
}
