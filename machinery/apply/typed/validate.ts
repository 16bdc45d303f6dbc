import { isJsonObject } from '../../json/member.ts'
import { ApplyError } from '../errors.ts'
import { elementMessage, fieldElement, type PathElement } from '../fields/path-element.ts'
import { kindOf, type ListNode, memberType, type TypeNode, type TypeReference } from '../types/type-node.ts'
import type { Scalar } from '../types/type-schema.ts'
import { itemElement } from './list-items.ts'

/** Where a value does not fit its type. The message names types, never the value. */
export interface TypeError {
  /** `.spec.containers[name="a"]`; empty for the whole value. */
  readonly path: string
  readonly message: string
}

/** Live objects may hold lists with duplicates, from writers whom nobody held to the rules; configurations may not. */
export type Duplicates = 'allowed' | 'refused'

/** What of `value` does not fit `type`; null fits every type. */
export function typeErrors(type: TypeReference, value: unknown, duplicates: Duplicates): readonly TypeError[] {
  const walk: Walk = { errors: [], path: [], duplicates }
  validateValue(type, value, walk)
  return walk.errors
}

/** The errors in one text. */
export function typeErrorText(errors: readonly TypeError[]): string {
  const lines = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return lines.length === 1 ? (lines[0] ?? '') : ['errors:', ...lines.map((line) => `  ${line}`)].join('\n')
}

interface Walk {
  readonly errors: TypeError[]
  /** Where the walk is; numbers are places in atomic lists. */
  readonly path: (string | number | PathElement)[]
  readonly duplicates: Duplicates
}

function validateValue(type: TypeReference, value: unknown, walk: Walk): void {
  const { node } = type
  const kind = node && kindOf(node, value)
  if (node === undefined || kind === undefined) return fail(walk, `schema error: no type found matching: ${type.name}`)
  if (value === null || value === undefined) return
  if (kind === 'map') validateMap(node, value, walk)
  else if (kind === 'list') validateList(node, value, walk)
  else validateScalar(node.scalar ?? 'untyped', value, walk)
}

const scalarWords: Readonly<Record<Scalar, string>> = {
  numeric: 'numeric (int or float)',
  string: 'string',
  boolean: 'boolean',
  untyped: 'any scalar',
}

function validateScalar(scalar: Scalar, value: unknown, walk: Walk): void {
  if (!fitsScalar(scalar, value)) fail(walk, `expected ${scalarWords[scalar]}, got ${kindName(value)}`)
}

function fitsScalar(scalar: Scalar, value: unknown): boolean {
  if (scalar === 'numeric') return typeof value === 'number'
  return scalar === 'untyped' ? typeof value !== 'object' : typeof value === scalar
}

function validateMap(node: TypeNode, value: unknown, walk: Walk): void {
  const { map } = node
  if (map === undefined) return
  if (!isJsonObject(value)) return fail(walk, `expected map, got ${kindName(value)}`)
  for (const name in value) {
    const member = value[name]
    if (member === undefined) continue
    const type = memberType(map, name)
    walk.path.push(name)
    if (type === undefined) fail(walk, 'field not declared in schema')
    else validateValue(type, member, walk)
    walk.path.pop()
    if (type === undefined) return
  }
}

function validateList({ list }: TypeNode, value: unknown, walk: Walk): void {
  if (list === undefined) return
  if (!Array.isArray(value)) return fail(walk, `expected list, got ${kindName(value)}`)
  if (!list.isAtomic) return validateItems(list, value, walk)
  for (let index = 0; index < value.length; index += 1) {
    walk.path.push(index)
    validateValue(list.items, value[index], walk)
    walk.path.pop()
  }
}

function validateItems(list: ListNode, items: readonly unknown[], walk: Walk): void {
  const seen = walk.duplicates === 'refused' ? new Set<string>() : undefined
  for (let index = 0; index < items.length; index += 1) {
    const element = elementOrFail(list, { index, item: items[index] }, walk)
    if (element === undefined) return
    if (seen?.has(element.text) === true) fail(walk, `duplicate entries for key ${elementMessage(element)}`)
    seen?.add(element.text)
    walk.path.push(element)
    validateValue(list.items, items[index], walk)
    walk.path.pop()
  }
}

function elementOrFail(
  list: ListNode,
  { index, item }: { index: number; item: unknown },
  walk: Walk,
): PathElement | undefined {
  try {
    return itemElement(list, item)
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error
    fail(walk, `element ${index}: ${error.message}`)
    return undefined
  }
}

function fail(walk: Walk, message: string): void {
  walk.errors.push({ path: walk.path.map(stepMessage).join(''), message })
}

function stepMessage(step: string | number | PathElement): string {
  if (typeof step === 'number') return `[${step}]`
  return elementMessage(typeof step === 'string' ? fieldElement(step) : step)
}

function kindName(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  return isJsonObject(value) ? 'map' : typeof value
}
