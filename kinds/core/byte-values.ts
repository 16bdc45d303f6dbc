import { isJsonObject } from '../../machinery/json/member.ts'
import { badRequest } from '../../machinery/status-errors.ts'

type Texts = Readonly<Record<string, string>>

const groupsOfFour = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** A map of texts as Go decodes it: nothing at all and null are empty. Undefined when it is something else. */
export function textsOf(value: unknown): Texts | undefined {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) return undefined
  const entries = Object.entries(value).map(([key, text]) => [key, text ?? ''] as const)
  return entries.every(isTextEntry) ? Object.fromEntries(entries) : undefined
}

function isTextEntry(entry: readonly [string, unknown]): entry is readonly [string, string] {
  return typeof entry[1] === 'string'
}

/**
 * base64 as Kubernetes stores it: without line breaks, in its one canonical form. Throws 400 as Go's decoder would make
 * kube-apiserver do, with the key instead of the offset and never with the value.
 */
export function canonicalBytes(values: Texts, of: { kind: string; member: string }): Texts {
  return mapValues(values, (value, key) => {
    const text = value.replaceAll(/[\r\n]/g, '')
    if (groupsOfFour.test(text)) return Buffer.from(text, 'base64').toString('base64')
    const what = `${of.kind} in version "v1" cannot be handled as a ${of.kind}`
    throw badRequest(`${what}: illegal base64 data in ${of.member}[${key}]`)
  })
}

export function encodedTexts(values: Texts): Texts {
  return mapValues(values, (text) => Buffer.from(text).toString('base64'))
}

/** How many bytes the base64 text stands for. */
export function decodedLength(text: string): number {
  return Buffer.byteLength(text, 'base64')
}

function mapValues(values: Texts, map: (value: string, key: string) => string): Texts {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]))
}
