import { ProviderError } from '../errors.ts'
import { encodeFound, encodeTexts, isJson } from '../../base/json/go-json.ts'
import { documentOf, members } from '../../base/json/json-scan.ts'
import { propertyByPath } from '../property.ts'
import type { RemoteSecret } from '../provider.ts'

/** What a reference can ask of a Secret. */
export interface RemoteObject {
  readonly name: string
  readonly data: ReadonlyMap<string, Uint8Array>
  readonly labels: ReadonlyMap<string, string> | undefined
  readonly annotations: ReadonlyMap<string, string> | undefined
}

/** Every value of the Secret as one JSON object. */
export function wholeOf({ data }: RemoteObject): string {
  return encodeTexts(data, 'plain')
}

/** The data of a Secret. A property is the name of a key, or `key.path` into its JSON, split at the first dot. */
export function dataValue(object: RemoteObject): RemoteSecret {
  return {
    value: (property) => (given(property) ? dataProperty(object, property) : Buffer.from(wholeOf(object))),
    entries: (property) => (given(property) ? membersOf(object.data, property, object.name) : object.data),
    sizeBytes: sizeOf(object.data),
  }
}

/** Its labels and annotations: `labels`, `labels.<key>`, `labels.<key>.<path>`; a key may contain dots. */
export function metadataValue(object: RemoteObject): RemoteSecret {
  const annotations = textsOf(object.annotations)
  const labels = textsOf(object.labels)
  const whole = `{"annotations":${annotations},"labels":${labels}}`
  const parts = new Map([
    ['annotations', Buffer.from(annotations)],
    ['labels', Buffer.from(labels)],
  ])
  return {
    value: (property) => (given(property) ? metadataProperty(object, property) : Buffer.from(whole)),
    entries: (property) => (given(property) ? membersOf(parts, property, object.name) : parts),
    sizeBytes: Buffer.byteLength(whole),
  }
}

/**
 * A Secret that is not there. Only `extract` calls that a missing secret; for `data` it is an ordinary error, so that
 * no deletion policy acts (eso-inventory.md 4.8).
 */
export function absentValue(name: string): RemoteSecret {
  return {
    value: () => {
      throw new ProviderError('invalid-ref', `secrets "${name}" not found`)
    },
    entries: () => {
      throw new ProviderError('secret-missing', 'Secret does not exist')
    },
    sizeBytes: 0,
  }
}

function given(property: string | undefined): property is string {
  return property !== undefined && property !== ''
}

function dataProperty({ data, name }: RemoteObject, property: string): Uint8Array {
  const exact = data.get(property)
  if (exact !== undefined) return exact
  const dot = property.indexOf('.')
  const json = dot > 0 && dot < property.length - 1 ? data.get(property.slice(0, dot)) : undefined
  const found = json === undefined ? undefined : propertyByPath(Buffer.from(json).toString(), property.slice(dot + 1))
  if (found === undefined) throw missing(property, 'data', name)
  return found
}

function metadataProperty(object: RemoteObject, property: string): Uint8Array {
  const [, part = '', rest] = /^([^.]*)(?:\.([^]*))?$/.exec(property) ?? []
  const texts = part === 'labels' ? object.labels : part === 'annotations' ? object.annotations : undefined
  if (part !== 'labels' && part !== 'annotations') throw missing(property, 'metadata', object.name)
  if (rest === undefined) return Buffer.from(textsOf(texts))
  const found = texts === undefined ? undefined : metadataText(texts, rest)
  if (found === undefined) throw missing(property, 'metadata', object.name)
  return found
}

/** The longest key that `rest` starts with counts, dots escaped or not; what follows is a path into its JSON. */
function metadataText(texts: ReadonlyMap<string, string>, rest: string): Uint8Array | undefined {
  const plain = rest.replaceAll('\\.', '.')
  const exact = texts.get(plain)
  if (exact !== undefined) return Buffer.from(exact)
  const keys = [...texts.keys()].filter((key) => plain.startsWith(`${key}.`))
  const key = keys.sort((left, right) => right.length - left.length)[0]
  return key === undefined ? undefined : propertyByPath(texts.get(key) ?? '', plain.slice(key.length + 1))
}

/** The members of one value that is a JSON object, each as JSON: texts keep their quotes here. */
function membersOf(
  data: ReadonlyMap<string, Uint8Array>,
  property: string,
  name: string,
): ReadonlyMap<string, Uint8Array> {
  const json = data.get(property)
  if (json === undefined) throw new ProviderError('invalid-ref', `property ${property} does not exist in key ${name}`)
  const text = Buffer.from(json).toString()
  const found = isJson(text) ? documentOf(text) : undefined
  if (found?.kind === 'null') return new Map()
  if (!found?.raw.startsWith('{')) {
    throw new ProviderError('invalid-value', 'failed to unmarshal secret: invalid JSON format')
  }
  return new Map([...members(text)].map(({ key, value }) => [key, Buffer.from(encodeFound(value, reread))]))
}

const reread = { escaping: 'plain', numbers: 'float' } as const

function missing(property: string, place: 'data' | 'metadata', name: string): ProviderError {
  return new ProviderError('invalid-ref', `property ${property} does not exist in ${place} of secret "${name}"`)
}

function textsOf(texts: ReadonlyMap<string, string> | undefined): string {
  return texts === undefined ? 'null' : encodeTexts(texts, 'plain')
}

function sizeOf(data: ReadonlyMap<string, Uint8Array>): number {
  return [...data.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0)
}
