import { isIPv4, isIPv6 } from 'node:net'
import type { Opaque } from '../values/value.ts'

export class IpAddress implements Opaque {
  readonly typeName = 'net.IP'
  readonly family: 4 | 6
  readonly bits: bigint

  constructor(family: 4 | 6, bits: bigint) {
    this.family = family
    this.bits = bits
  }

  equals(other: Opaque): boolean {
    return other instanceof IpAddress && other.family === this.family && other.bits === this.bits
  }

  get width(): number {
    return this.family === 4 ? 32 : 128
  }

  /** Whether the address lies in the network of `prefix` bits of another. */
  isIn(network: IpAddress, prefix: number): boolean {
    const shift = BigInt(network.width - prefix)
    return this.family === network.family && this.bits >> shift === network.bits >> shift
  }

  get text(): string {
    return this.family === 4 ? ipv4Text(this.bits) : ipv6Text(this.bits)
  }
}

export class Cidr implements Opaque {
  readonly typeName = 'net.CIDR'
  readonly address: IpAddress
  readonly prefix: number

  constructor(address: IpAddress, prefix: number) {
    this.address = address
    this.prefix = prefix
  }

  equals(other: Opaque): boolean {
    return other instanceof Cidr && other.prefix === this.prefix && other.address.equals(this.address)
  }

  get masked(): Cidr {
    const shift = BigInt(this.address.width - this.prefix)
    return new Cidr(new IpAddress(this.address.family, (this.address.bits >> shift) << shift), this.prefix)
  }

  get text(): string {
    return `${this.address.text}/${this.prefix}`
  }
}

/** undefined for what is no address, for one with a zone, and for an IPv4 address written as an IPv6 one. */
export function parseIp(text: string): IpAddress | undefined {
  if (isIPv4(text))
    return new IpAddress(
      4,
      text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n),
    )
  if (text.includes('%') || !isIPv6(text)) return undefined
  const bits = ipv6Bits(text)
  return bits >> 32n === 0xffffn ? undefined : new IpAddress(6, bits)
}

export function parseCidr(text: string): Cidr | undefined {
  const [, host = '', digits] = /^(.*)\/(0|[1-9]\d{0,2})$/s.exec(text) ?? []
  const address = parseIp(host)
  if (address === undefined || digits === undefined || Number(digits) > address.width) return undefined
  return new Cidr(address, Number(digits))
}

function ipv6Bits(text: string): bigint {
  const [head = '', tail] = withoutDots(text).split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n)
}

/** The last two groups may be written as an IPv4 address. */
function withoutDots(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
}

function ipv4Text(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.')
}

/** RFC 5952: the longest run of two or more zero groups is left out. */
function ipv6Text(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  const text = groups.join(':')
  const runs = [...text.matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)]
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (best === undefined || run[0].length > best[0].length ? run : best),
    undefined,
  )
  if (longest === undefined) return text
  const [head, tail] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)]
  return `${head.replace(/:$/, '')}::${tail.replace(/^:/, '')}`
}
