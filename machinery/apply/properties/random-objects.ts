import type { KubeObject } from '../../object.ts'
import type { Schema } from '../../schema/schema.ts'

/** Seeded: a failure names its seed and happens again. */
export const seeds = Array.from({ length: 150 }, (_, index) => index + 1)

export class Generator {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** mulberry32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  some<T>(all: readonly T[]): T[] {
    return all.filter(() => this.below(2) === 0)
  }

  schema(depth: number): Schema {
    const leaf = { type: 'string' } as const
    switch (depth === 0 ? 0 : this.below(7)) {
      case 1:
        return { type: 'object', additionalProperties: this.schema(depth - 1) }
      case 2:
        return { type: 'object', additionalProperties: leaf, 'x-kubernetes-map-type': 'atomic' }
      case 3:
        return { type: 'array', items: leaf, 'x-kubernetes-list-type': 'set' }
      case 4:
        return this.#listMap(depth)
      case 5:
        return { type: 'array', items: leaf }
      case 6:
        return this.struct(depth - 1)
      default:
        return leaf
    }
  }

  struct(depth: number): Schema {
    return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, this.schema(depth)])) }
  }

  value(schema: Schema): unknown {
    if (schema.type === 'string') return `${this.below(3)}`
    if (schema.items !== undefined) return this.#list(schema)
    const members =
      schema.properties ?? Object.fromEntries(names.map((name) => [name, schema.additionalProperties ?? {}]))
    return Object.fromEntries(this.some(Object.entries(members)).map(([name, member]) => [name, this.value(member)]))
  }

  #listMap(depth: number): Schema {
    const { properties } = this.struct(depth - 1)
    const items: Schema = { type: 'object', properties: { ...properties, key: { type: 'string' } } }
    return { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['key'] }
  }

  #list({ items = {}, 'x-kubernetes-list-type': type }: Schema): unknown {
    const keys = this.some(names).toSorted(() => this.below(3) - 1)
    if (type !== 'map') return keys
    return keys.map((key) => ({ ...(this.value(items) as object), key }))
  }
}

const names = ['a', 'b', 'c', 'd']
export const apiVersion = 'example.com/v1'
const text = { type: 'string' } as const

export function aKind(generator: Generator): Schema {
  const metadata: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return { type: 'object', properties: { apiVersion: text, kind: text, metadata, spec: generator.struct(3) } }
}

export function anObject(generator: Generator, kind: Schema): KubeObject {
  const spec = generator.value(kind.properties?.spec ?? {})
  return { apiVersion, kind: 'Thing', metadata: { name: 'x', uid: 'u' }, spec }
}
