/** The order in which Go sorts strings: by their UTF-8 bytes, which is that of code points and not that of UTF-16. */
export function byBytes(left: string, right: string): number {
  if (left === right) return 0
  return isPlain(left) && isPlain(right)
    ? left < right
      ? -1
      : 1
    : Buffer.compare(Buffer.from(left), Buffer.from(right))
}

/** Below the surrogates both orders are the same. */
function isPlain(text: string): boolean {
  return !/[\ud800-\uffff]/.test(text)
}
