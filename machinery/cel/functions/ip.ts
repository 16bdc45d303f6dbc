import { CelEvaluationError } from '../errors.ts'
import { Cidr, IpAddress, parseCidr, parseIp } from '../opaque/ip.ts'
import { sizeOf } from '../values/value.ts'
import type { Opaque, Value } from '../values/value.ts'
import { constantCost, member, plain, walkCost } from './table.ts'
import type { Cost, FunctionTable, Overload } from './table.ts'

const ipType = 'net.IP'
const cidrType = 'net.CIDR'

export const ip: FunctionTable = {
  ip: [
    plain(['string', '->', ipType], toIp, walkCost(0)),
    member([cidrType, '->', ipType], (value) => asCidr(value).address),
  ],
  isIP: [plain(['string', '->', 'bool'], (text) => parseIp(text) !== undefined, walkCost(0))],
  'ip.isCanonical': [plain(['string', '->', 'bool'], (text) => toIp(text).text === text, walkCost(0, 2))],
  family: [member([ipType, '->', 'int'], (value) => BigInt(asIp(value).family))],
  isUnspecified: predicate(({ bits }) => bits === 0n),
  isLoopback: predicate(lies(['127.0.0.0/8', '::1/128'])),
  isLinkLocalMulticast: predicate(lies(['224.0.0.0/24', 'ff02::/16'])),
  isLinkLocalUnicast: predicate(lies(['169.254.0.0/16', 'fe80::/10'])),
  isGlobalUnicast: predicate((address) => !isSpecial(address)),
  cidr: [plain(['string', '->', cidrType], toCidr, walkCost(0))],
  isCIDR: [plain(['string', '->', 'bool'], (text) => parseCidr(text) !== undefined, walkCost(0))],
  containsIP: [
    member([cidrType, ipType, '->', 'bool'], (cidr, address) => holds(asCidr(cidr), asIp(address)), networkCost(0)),
    member([cidrType, 'string', '->', 'bool'], (cidr, text) => holds(asCidr(cidr), toIp(text)), networkCost(0)),
  ],
  containsCIDR: [
    member([cidrType, cidrType, '->', 'bool'], (cidr, other) => covers(asCidr(cidr), asCidr(other)), networkCost(1)),
    member([cidrType, 'string', '->', 'bool'], (cidr, text) => covers(asCidr(cidr), toCidr(text)), networkCost(1)),
  ],
  masked: [member([cidrType, '->', cidrType], (value) => asCidr(value).masked)],
  prefixLength: [member([cidrType, '->', 'int'], (value) => BigInt(asCidr(value).prefix))],
  string: [
    plain([ipType, '->', 'string'], (value) => asIp(value).text, constantCost),
    plain([cidrType, '->', 'string'], (value) => asCidr(value).text, constantCost),
  ],
}

function predicate(test: (address: IpAddress) => boolean): readonly Overload[] {
  return [member([ipType, '->', 'bool'], (value) => test(asIp(value)))]
}

function lies(networks: readonly string[]): (address: IpAddress) => boolean {
  return (address) => networks.some((network) => holds(toCidr(network), address))
}

/** What is no unicast address of the wide world: unspecified, loopback, link-local, multicast, broadcast. */
function isSpecial(address: IpAddress): boolean {
  const networks = ['127.0.0.0/8', '::1/128', '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16', 'fe80::/10']
  return address.bits === 0n || address.text === '255.255.255.255' || lies(networks)(address)
}

function holds(cidr: Cidr, address: IpAddress): boolean {
  return address.isIn(cidr.address, cidr.prefix)
}

function covers(cidr: Cidr, other: Cidr): boolean {
  return other.prefix >= cidr.prefix && holds(cidr, other.address)
}

/** An address is compared by its bytes, and a text is read first. */
function networkCost(extra: number): Cost {
  return ([cidr, other = null]: readonly Value[]) => {
    const bytes = cidr instanceof Cidr ? cidr.address.width / 8 : 16
    const walk = Math.ceil(bytes * 0.2) + extra * (Math.ceil(bytes * 0.1) + 1)
    return typeof other === 'string' ? walk + Math.ceil(sizeOf(other) * 0.1) : walk
  }
}

function asIp(value: Opaque): IpAddress {
  if (value instanceof IpAddress) return value
  throw new CelEvaluationError('no such overload')
}

function asCidr(value: Opaque): Cidr {
  if (value instanceof Cidr) return value
  throw new CelEvaluationError('no such overload')
}

function toIp(text: string): IpAddress {
  const address = parseIp(text)
  if (address !== undefined) return address
  throw new CelEvaluationError('IP Address parse error during conversion from string')
}

function toCidr(text: string): Cidr {
  const cidr = parseCidr(text)
  if (cidr !== undefined) return cidr
  throw new CelEvaluationError('network address parse error during conversion from string')
}
