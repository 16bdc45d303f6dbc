import { jsonEqual } from '../json/equal.ts'
import { isJsonObject, setMember } from '../json/member.ts'
import type { JsonValue } from '../object.ts'
import { PatchError } from './errors.ts'
import { parsePointer } from './pointer.ts'

/** As kube-apiserver: more is 413. */
const operationCountMax = 10_000
/** What all `copy` operations of a patch may write together: each may double the document. */
const copiedBytesMax = 3 * 1024 * 1024

/**
 * The document after the patch: RFC 6902, with what kube-apiserver's library (evanphx/json-patch v4) adds: an array
 * index below 0 counts from the end, and a member that is not there is null to `test` and `copy`, and added by
 * `replace`. Throws PatchError.
 */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch)) throw new PatchError('not-a-patch', 'a JSON patch is an array of operations')
  if (patch.length > operationCountMax) {
    const text = `The allowed maximum operations in a JSON patch is ${operationCountMax}, got ${patch.length}`
    throw new PatchError('too-many-operations', text)
  }
  const target = new Target(clone(document))
  patch.forEach((operation: unknown, index: number) => target.apply(operation, index))
  return target.document
}

type Container = unknown[] | Record<string, unknown>

class Target {
  document: JsonValue
  #copiedBytes = 0
  /** Of the operation at hand, for messages. */
  #index = 0

  constructor(document: JsonValue) {
    this.document = document
  }

  apply(operation: unknown, index: number): void {
    this.#index = index
    if (!isJsonObject(operation)) throw new PatchError('not-a-patch', 'an operation of a JSON patch is an object')
    const path = this.#pointer(operation.path)
    switch (operation.op) {
      case 'add':
        return this.#add(path, this.#valueOf(operation))
      case 'remove':
        return this.#remove(path)
      case 'replace':
        return this.#replace(path, this.#valueOf(operation))
      case 'move':
        return this.#move(this.#pointer(operation.from), path)
      case 'copy':
        return this.#copy(this.#pointer(operation.from), path)
      case 'test':
        return this.#test(path, this.#valueOf(operation))
      default:
        return this.#fail('has an unknown op')
    }
  }

  #pointer(text: unknown): readonly string[] {
    const pointer = typeof text === 'string' ? parsePointer(text) : undefined
    return pointer ?? this.#fail('has no usable path')
  }

  #valueOf(operation: Readonly<Record<string, unknown>>): unknown {
    return Object.hasOwn(operation, 'value') ? operation.value : this.#fail('has no value')
  }

  #add(path: readonly string[], value: unknown): void {
    const name = path.at(-1)
    if (name === undefined) {
      this.document = value as JsonValue
      return
    }
    const parent = this.#container(path.slice(0, -1))
    if (!Array.isArray(parent)) setMember(parent, name, value)
    else if (name === '-') parent.push(value)
    else parent.splice(this.#arrayIndex(name, parent.length + 1), 0, value)
  }

  #remove(path: readonly string[]): void {
    const name = path.at(-1)
    if (name === undefined) return this.#fail('removes the document')
    const parent = this.#container(path.slice(0, -1))
    if (Array.isArray(parent)) parent.splice(this.#arrayIndex(name, parent.length), 1)
    else if (Object.hasOwn(parent, name)) delete parent[name]
    else this.#fail('has a path that does not exist')
  }

  #replace(path: readonly string[], value: unknown): void {
    const name = path.at(-1)
    if (name === undefined) {
      this.document = value as JsonValue
      return
    }
    const parent = this.#container(path.slice(0, -1))
    if (Array.isArray(parent)) parent[this.#arrayIndex(name, parent.length)] = value
    else setMember(parent, name, value)
  }

  #move(from: readonly string[], path: readonly string[]): void {
    const value = this.#read(from)
    const isInto = from.length < path.length && from.every((name, index) => name === path[index])
    if (isInto) this.#fail('moves a value into itself')
    if (from.length === 0) return
    this.#remove(from)
    this.#add(path, value)
  }

  #copy(from: readonly string[], path: readonly string[]): void {
    const value = this.#readOrNull(from)
    this.#copiedBytes += Buffer.byteLength(JSON.stringify(value))
    if (this.#copiedBytes > copiedBytesMax) this.#fail(`copies more than ${copiedBytesMax} bytes`)
    this.#add(path, clone(value))
  }

  #test(path: readonly string[], expected: unknown): void {
    if (!jsonEqual(this.#readOrNull(path), expected)) this.#fail('tests for another value')
  }

  #readOrNull(path: readonly string[]): unknown {
    const name = path.at(-1)
    return name === undefined ? this.document : (this.#member(this.#container(path.slice(0, -1)), name) ?? null)
  }

  #read(path: readonly string[]): unknown {
    let value: unknown = this.document
    for (const name of path) {
      value = this.#member(this.#asContainer(value), name)
      if (value === undefined) this.#fail('has a path that does not exist')
    }
    return value
  }

  #container(path: readonly string[]): Container {
    return this.#asContainer(this.#read(path))
  }

  #asContainer(value: unknown): Container {
    return isContainer(value) ? value : this.#fail('has a path that does not exist')
  }

  #member(parent: Container, name: string): unknown {
    if (Array.isArray(parent)) return parent[this.#arrayIndex(name, parent.length)]
    return Object.hasOwn(parent, name) ? parent[name] : undefined
  }

  #arrayIndex(text: string, length: number): number {
    const index = /^(?:0|-?[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN
    const position = index < 0 ? index + length : index
    return position >= 0 && position < length ? position : this.#fail('has an index that does not exist')
  }

  #fail(what: string): never {
    throw new PatchError('failed', `operation ${this.#index} ${what}`)
  }
}

function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || isJsonObject(value)
}

function clone<T>(value: T): T
function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => clone(item))
  if (!isJsonObject(value)) return value
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) setMember(copy, name, clone(value[name]))
  return copy
}
