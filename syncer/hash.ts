import { hash } from 'node:crypto'
import { byBytes } from '../base/byte-order.ts'
import { Derived } from './values/derived.ts'
import type { Content } from './render/content.ts'

/**
 * The hashes that ESO leaves on objects: SHA3-224 over what Go's `%+v` prints (eso-behaviour.md 0.3). Other tools
 * compare them, and a Secret that ESO wrote must not look changed to us, nor ours to ESO.
 */
export function hashOfText(text: string): string {
  return hash('sha3-224', text)
}

/** Of a Secret's data. */
export function hashOfData(data: ReadonlyMap<string, Uint8Array>): string {
  const entries = [...data].sort(([left], [right]) => byBytes(left, right))
  return hashOfText(`map[${entries.map(([key, value]) => `${key}:[${decimals(value)}]`).join(' ')}]`)
}

/** Of what an object of another kind holds: its spec, or else its data (eso-behaviour.md 0.6). */
export function hashOfManifest(object: Readonly<Record<string, unknown>>): string {
  return hashOfText(goText(object['spec'] ?? object['data'] ?? {}))
}

/** Of everything a target is to hold: tells for ourselves whether it is what was written last. */
export function hashOfContent({ data, labels, annotations, finalizers, type }: Content): string {
  const ofData = dataHashes.of(data, '', () => hashOfValues(data))
  const rest = JSON.stringify([sorted(labels), sorted(annotations), finalizers, type])
  return rest === nothingElse ? ofData : hash('sha256', ofData + rest)
}

const nothingElse = JSON.stringify([[], [], [], undefined])

/** Many targets are to hold the same data. */
const dataHashes = new Derived<string>()

function hashOfValues(data: ReadonlyMap<string, Uint8Array>): string {
  const entries = [...data].sort(([left], [right]) => byBytes(left, right))
  return hash('sha256', JSON.stringify(entries.map(([key, value]) => [key, latin1(value)])))
}

function latin1(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
}

function sorted(map: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(map).sort(([left], [right]) => byBytes(left, right))
}

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** Of an object's labels and annotations, all of them. */
export function hashOfMetadata({ labels = {}, annotations = {} }: Labelled): string {
  return hashOfText(`{annotations:${goMap(annotations)} labels:${goMap(labels)}}`)
}

function goMap(map: Readonly<Record<string, string>>): string {
  const keys = Object.keys(map).sort(byBytes)
  return `map[${keys.map((key) => `${key}:${map[key]}`).join(' ')}]`
}

/** What `%+v` prints of decoded JSON. */
function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'number') return goNumber(value)
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return value === true ? 'true' : 'false'
  const entries = Object.entries(value).sort(([left], [right]) => byBytes(left, right))
  return `map[${entries.map(([key, member]) => `${key}:${goText(member)}`).join(' ')}]`
}

/** Whole numbers are int64 there; of a float the exponent has two digits and begins below 1e-04. */
function goNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString()
  const text = Math.abs(value) < 1e-4 ? value.toExponential() : String(value)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

const decimalOf = Array.from({ length: 256 }, (_, byte) => String(byte))

function decimals(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += text === '' ? decimalOf[byte] : ` ${decimalOf[byte]}`
  return text
}
