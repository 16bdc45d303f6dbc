import { isIPv4 } from 'node:net'

/**
 * The address a packet really goes to: IPv6 forms that carry an IPv4 address inside are read as that address, or a
 * filter on `127.0.0.1` would be passed by `::ffff:127.0.0.1`.
 */
export function effectiveAddress(address: string): string {
  const plain = address.replace(/%.*$/, '')
  if (isIPv4(plain)) return plain
  const groups = groupsOf(plain)
  const at = embeddedAt(groups)
  return at === undefined ? plain : ipv4Of(groups[at] ?? 0, groups[at + 1] ?? 0)
}

/** The eight groups of an IPv6 address that net.isIPv6 accepts. */
function groupsOf(address: string): readonly number[] {
  const dotted = address.slice(address.lastIndexOf(':') + 1)
  const text = isIPv4(dotted) ? address.slice(0, -dotted.length) + hexOf(dotted) : address
  const [head = '', tail] = text.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...(tail === undefined ? [] : zeros), ...right].map((group) => Number.parseInt(group, 16))
}

function hexOf(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

/**
 * Where the IPv4 address starts: IPv4-mapped (RFC 4291 2.5.5.2), IPv4-compatible (2.5.5.1), translated (RFC 2765),
 * NAT64 (RFC 6052 2.1), 6to4 (RFC 3056 2). `::` and `::1` are addresses of their own.
 */
function embeddedAt(groups: readonly number[]): number | undefined {
  const [a, b, c, d, e, f, g = 0, h = 0] = groups
  const zero = (...parts: readonly (number | undefined)[]) => parts.every((part) => part === 0)
  if (zero(a, b, c, d, e) && f === 0xffff) return 6
  if (zero(a, b, c, d, f) && e === 0xffff) return 6
  if (zero(a, b, c, d, e, f) && (g !== 0 || h > 1)) return 6
  if (a === 0x64 && b === 0xff9b && zero(c, d, e, f)) return 6
  return a === 0x2002 ? 1 : undefined
}

function ipv4Of(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
