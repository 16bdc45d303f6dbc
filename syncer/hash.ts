import { createHash } from 'node:crypto'
import { byBytes } from '../base/byte-order.ts'
import type { Content } from './render/content.ts'

/**
 * The hashes that ESO leaves on objects: SHA3-224 over what Go's `%+v` prints (eso-behaviour.md 0.3). Other tools
 * compare them, and a Secret that ESO wrote must not look changed to us, nor ours to ESO.
 */
export function hashOfText(text: string): string {
  return createHash('sha3-224').update(text).digest('hex')
}

/** Of a Secret's data. */
export function hashOfData(data: ReadonlyMap<string, Uint8Array>): string {
  const entries = [...data].sort(([left], [right]) => byBytes(left, right))
  return hashOfText(`map[${entries.map(([key, value]) => `${key}:[${decimals(value)}]`).join(' ')}]`)
}

/** Of everything a target is to hold: tells for ourselves whether it is what was written last. */
export function hashOfContent({ data, labels, annotations, finalizers, type }: Content): string {
  const rest = JSON.stringify([hashOfMetadata({ labels, annotations }), finalizers, type])
  return hashOfText(`${hashOfData(data)} ${rest}`)
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

const decimalOf = Array.from({ length: 256 }, (_, byte) => String(byte))

function decimals(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += text === '' ? decimalOf[byte] : ` ${decimalOf[byte]}`
  return text
}
