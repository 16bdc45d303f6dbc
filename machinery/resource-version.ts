const form = /^(?:0|[1-9]\d*)$/

/** A resourceVersion as clients send it: decimal, without leading zero; '0' and '' are for the caller to judge. */
export function isResourceVersion(text: string): boolean {
  return form.test(text)
}

/** Compares two well-formed resourceVersions of any length: by length, then as text. */
export function compareResourceVersions(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length
  return left < right ? -1 : left > right ? 1 : 0
}
