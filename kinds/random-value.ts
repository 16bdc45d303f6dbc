import type { JsonValue } from '../machinery/object.ts'
import { patternTest } from '../machinery/schema/pattern.ts'
import type { Schema } from '../machinery/schema/schema.ts'
import { validateSchema } from '../machinery/schema/validate.ts'

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Some value that the schema accepts. */
export function randomValue(schema: Schema, random: () => number): JsonValue {
  if (schema['x-kubernetes-validations'] === undefined) return shapedValue(schema, random)
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const value = shapedValue(schema, random)
    if (validateSchema(schema, value, '').length === 0) return value
  }
  throw new Error('no value was found that the rules accept')
}

const attemptsMax = 200

function shapedValue(schema: Schema, random: () => number): JsonValue {
  if (schema.nullable && random() < 0.2) return null
  if (schema['x-kubernetes-int-or-string'])
    return random() < 0.5 ? integer(schema, random) : `${integer(schema, random)}s`
  if (schema.enum !== undefined) return picked(schema.enum, random)
  if (schema['x-kubernetes-preserve-unknown-fields']) return randomValue(anything, random)
  switch (schema.type) {
    case 'object':
      return schema.properties === undefined ? randomMap(schema, random) : randomObject(schema, random)
    case 'array':
      return randomList(schema, random)
    case 'integer':
    case 'number':
      return integer(schema, random)
    case 'boolean':
      return random() < 0.5
    default:
      return randomText(schema, random)
  }
}

const text: Schema = { type: 'string' }
const anything: Schema = {
  type: 'object',
  properties: { name: text, list: { type: 'array', items: text }, map: { type: 'object', additionalProperties: text } },
}

function randomObject(schema: Schema, random: () => number): JsonValue {
  const required = schema.required ?? []
  const optional = Object.keys(schema.properties ?? {}).filter((name) => !required.includes(name))
  const names = schema.maxProperties === 1 ? [picked(optional, random)] : optional.filter(() => random() < 0.5)
  const members = [...required, ...names].map(
    (name) => [name, randomValue(schema.properties?.[name] ?? {}, random)] as const,
  )
  return Object.fromEntries(members)
}

function randomMap(schema: Schema, random: () => number): JsonValue {
  const names = ['a', 'b.c', 'constructor', '__proto__', 'é'].filter(() => random() < 0.4)
  return Object.fromEntries(names.map((name) => [name, randomValue(schema.additionalProperties ?? text, random)]))
}

function randomList(schema: Schema, random: () => number): JsonValue {
  const count = (schema.minItems ?? 0) + Math.floor(random() * 4)
  const items = Array.from({ length: count }, () => randomValue(schema.items ?? text, random))
  if (schema['x-kubernetes-list-type'] === 'set') return [...new Set(items)]
  return schema['x-kubernetes-list-type'] === 'map' ? items.slice(0, 1) : items
}

function integer({ minimum = 0 }: Schema, random: () => number): number {
  return minimum + Math.floor(random() * 1000)
}

const texts = [
  '',
  'a',
  'b',
  'name-1',
  'with.dots',
  '1h',
  '@daily',
  '{{ .x }}',
  'ünïcode',
  '2026-01-02T03:04:05Z',
  'AAAA',
  'a@b.iam.gserviceaccount.com',
]

function randomText({ pattern, minLength = 0, format }: Schema, random: () => number): string {
  if (format === 'date-time') return '2026-01-02T03:04:05Z'
  if (format === 'byte') return 'AAAA'
  const good = texts.filter(
    (candidate) => candidate.length >= minLength && (pattern === undefined || patternTest(pattern)(candidate)),
  )
  return picked(good, random)
}

function picked<T>(values: readonly T[], random: () => number): T {
  const value = values[Math.floor(random() * values.length)]
  if (value === undefined) throw new Error('nothing to pick from')
  return value
}
