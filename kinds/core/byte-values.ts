import { badRequest } from '../../machinery/status-errors.ts'

type ByteValues = Readonly<Record<string, string>>

const groupsOfFour = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * base64 as Kubernetes stores it: without line breaks, in its one canonical form. Throws 400 as Go's decoder would make
 * kube-apiserver do, with the key instead of the offset and never with the value.
 */
export function canonicalBytes(values: ByteValues, of: { kind: string; member: string }): ByteValues {
  return mapValues(values, (value, key) => {
    const text = value.replaceAll(/[\r\n]/g, '')
    if (groupsOfFour.test(text)) return Buffer.from(text, 'base64').toString('base64')
    const what = `${of.kind} in version "v1" cannot be handled as a ${of.kind}`
    throw badRequest(`${what}: illegal base64 data in ${of.member}[${key}]`)
  })
}

export function encodedTexts(values: ByteValues): ByteValues {
  return mapValues(values, (text) => Buffer.from(text).toString('base64'))
}

/** How many bytes the base64 text stands for. */
export function decodedLength(text: string): number {
  return Buffer.byteLength(text, 'base64')
}

/** null counts as empty, as Go decodes it. */
function mapValues(values: ByteValues, map: (value: string, key: string) => string): ByteValues {
  const entries: readonly (readonly [string, string | null])[] = Object.entries(values)
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value ?? '', key)]))
}
