import { X509Certificate } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { childrenOf, derValues, type DerValue } from '../../der/reader.ts'

/** What templates ask of a certificate. */
export interface Certificate {
  readonly raw: Buffer
  /** Empty where the extension is missing. */
  readonly subjectKeyId: Buffer
  readonly authorityKeyId: Buffer
  /** Host names, addresses, e-mail addresses and URIs, in this order. */
  readonly alternativeNames: readonly string[]
}

/** Undefined if the bytes are no X.509 certificate. */
export function certificateOf(raw: Uint8Array): Certificate | undefined {
  try {
    new X509Certificate(raw)
  } catch {
    return undefined
  }
  const extensions = extensionsOf(raw)
  const authorityKeyId = childrenOf(first(extensions.get(oids.authorityKeyId))).find(({ tag }) => tag === 0x80)
  return {
    raw: Buffer.from(raw),
    subjectKeyId: first(extensions.get(oids.subjectKeyId))?.content ?? Buffer.alloc(0),
    authorityKeyId: authorityKeyId?.content ?? Buffer.alloc(0),
    alternativeNames: namesOf(childrenOf(first(extensions.get(oids.alternativeNames)))),
  }
}

/** Object identifiers by their bytes in hexadecimal. */
const oids = { subjectKeyId: '551d0e', authorityKeyId: '551d23', alternativeNames: '551d11' }

function extensionsOf(raw: Uint8Array): ReadonlyMap<string, Buffer> {
  const [certificate] = derValues(raw) ?? []
  const [body] = childrenOf(certificate)
  const wrapper = childrenOf(body).find(({ tag }) => tag === 0xa3)
  const found = new Map<string, Buffer>()
  for (const extension of childrenOf(childrenOf(wrapper)[0])) {
    const parts = childrenOf(extension)
    const value = parts.at(-1)
    if (parts[0] && value?.tag === 0x04) found.set(parts[0].content.toString('hex'), value.content)
  }
  return found
}

function first(bytes: Buffer | undefined): DerValue | undefined {
  return bytes && derValues(bytes)?.[0]
}

const nameTags = { email: 0x81, host: 0x82, uri: 0x86, address: 0x87 }

function namesOf(names: readonly DerValue[]): string[] {
  const texts = (wanted: number): string[] =>
    names.filter(({ tag }) => tag === wanted).map(({ content }) => content.toString('latin1'))
  const addresses = names.filter(({ tag }) => tag === nameTags.address).map(({ content }) => addressText(content))
  return [...texts(nameTags.host), ...addresses, ...texts(nameTags.email), ...texts(nameTags.uri)]
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  const words = Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16))
  // The URL parser writes addresses of version 6 in their shortest form.
  return words.length === 8 ? new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1) : bytes.toString('hex')
}

/** The bytes of an address, or undefined if the text is none. */
export function addressBytes(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number))
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return undefined
  try {
    const shortest = new URL(`http://[${text}]`).hostname.slice(1, -1)
    const [head = '', tail = ''] = shortest.split('::')
    const [before, after] = [head, tail].map((part) => (part === '' ? [] : part.split(':')))
    const zeros = 8 - (before?.length ?? 0) - (after?.length ?? 0)
    const words = [...(before ?? []), ...Array<string>(zeros).fill('0'), ...(after ?? [])]
    return Buffer.from(words.map((word) => word.padStart(4, '0')).join(''), 'hex')
  } catch {
    return undefined
  }
}
