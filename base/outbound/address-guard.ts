import { lookup as dnsLookup } from 'node:dns'
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net'
import { effectiveAddress } from './ip-address.ts'
import { OutboundError } from './outbound-error.ts'

/** Judges where a connection may go, by address and never by name: a name means what its owner says at this moment. */
export interface AddressGuard {
  /**
   * Of a host that is an address: throws OutboundError `address-refused`, but for the one that is `exempt`. Names pass,
   * they are judged when resolved.
   */
  judge(hostname: string, exempt?: string): void
  readonly lookup: LookupFunction
}

export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>

export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

export function createAddressGuard(allowedNetworks: readonly string[], resolve: Resolve = systemResolve): AddressGuard {
  const allowed = blockListOf(allowedNetworks)
  const allows = (address: string) => contains(allowed, address) || !contains(special, address)
  return {
    judge(hostname, exempt) {
      const address = hostname.replace(/^\[|\]$/g, '')
      if (isIP(address) !== 0 && address !== exempt && !allows(address)) throw refusal(address)
    },
    lookup: (hostname, options, callback) => {
      resolve(hostname).then(
        (addresses) => {
          const open = addresses.filter(({ address }) => allows(address))
          const first = open[0]
          if (first === undefined) callback(refusal(hostname), '', 0)
          else if (options.all === true) callback(null, [...open])
          else callback(null, first.address, first.family)
        },
        (error: unknown) => callback(error instanceof Error ? error : refusal(hostname), '', 0),
      )
    },
  }
}

/**
 * Addresses that mean "this machine", "this link" or "whoever runs this machine": the first step of a request forgery.
 * Metadata services of clouds stand outside link-local too (Alibaba, Azure, Oracle, AWS and Google over IPv6), and so
 * does the EKS Pod Identity Agent (fd00:ec2::23).
 */
const special = blockListOf([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '::/128',
  '::1/128',
  '64:ff9b:1::/48',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  'fd00:ec2::23/128',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
])

function refusal(host: string): OutboundError {
  const text = 'link-local, metadata, loopback, unspecified and multicast addresses are refused'
  return new OutboundError('address-refused', `${host}: the address may not be reached: ${text}`)
}

function contains(list: BlockList, address: string): boolean {
  const plain = effectiveAddress(address)
  return list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [, address = '', prefix = ''] = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(network) ?? []
    const family = isIP(address)
    if (family === 0 || Number(prefix) > (family === 4 ? 32 : 128)) {
      throw new RangeError(`${JSON.stringify(network)} is not a network such as 10.0.0.0/8 or fd00::/8`)
    }
    list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

function systemResolve(hostname: string): Promise<readonly ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  })
}
