import { dyn } from './type.ts'
import type { CelType } from './type.ts'

/** What the parameters of a signature stand for in one call. */
export type Bindings = Map<string, CelType>

/** Whether a value of type `from` may stand where `to` is wanted; binds the parameters of `to`. */
export function isAssignable(from: CelType, to: CelType, bindings: Bindings): boolean {
  if (to.kind === 'parameter') return bindsParameter(from, to.name, bindings)
  if (from.kind === 'dyn' || to.kind === 'dyn') return bindsToDyn(to, bindings)
  if (isNull(from)) return isNull(to) || isNullable(to)
  if (isNull(to)) return isNullable(from)
  if (from.kind === 'list') return to.kind === 'list' && isAssignable(from.item, to.item, bindings)
  if (from.kind === 'optional') return to.kind === 'optional' && isAssignable(from.value, to.value, bindings)
  if (from.kind === 'map') {
    return to.kind === 'map' && isAssignable(from.key, to.key, bindings) && isAssignable(from.value, to.value, bindings)
  }
  if (from.kind === 'type') return to.kind === 'type' && bindsToDyn(to.of, bindings)
  if (from.kind === 'object') return from === to
  return from.kind === 'simple' && to.kind === 'simple' && from.name === to.name
}

/** The type with what its parameters stand for; one that nothing stands for is dyn. */
export function bound(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'parameter':
      return bindings.get(type.name) ?? dyn
    case 'list':
      return { kind: 'list', item: bound(type.item, bindings) }
    case 'optional':
      return { kind: 'optional', value: bound(type.value, bindings) }
    case 'map':
      return { kind: 'map', key: bound(type.key, bindings), value: bound(type.value, bindings) }
    case 'type':
      return { kind: 'type', of: bound(type.of, bindings) }
    default:
      return type
  }
}

/** The type that takes both; undefined when they have nothing in common. */
export function commonType(left: CelType, right: CelType): CelType | undefined {
  if (isNull(left) && isAssignable(left, right, new Map())) return right
  if (isAssignable(right, left, new Map())) return isMoreGeneral(right, left) ? right : left
  return isAssignable(left, right, new Map()) ? right : undefined
}

function bindsParameter(from: CelType, name: string, bindings: Bindings): boolean {
  const known = bindings.get(name)
  if (known === undefined) {
    bindings.set(name, from)
    return true
  }
  const common = commonType(known, from)
  if (common !== undefined) bindings.set(name, common)
  return common !== undefined
}

/** Nothing is known of the parts of a dyn. */
function bindsToDyn(to: CelType, bindings: Bindings): boolean {
  if (to.kind === 'parameter') bindings.set(to.name, bindings.get(to.name) ?? dyn)
  else if (to.kind === 'list') bindsToDyn(to.item, bindings)
  else if (to.kind === 'optional') bindsToDyn(to.value, bindings)
  else if (to.kind === 'map') {
    bindsToDyn(to.key, bindings)
    bindsToDyn(to.value, bindings)
  }
  return true
}

function isMoreGeneral(type: CelType, than: CelType): boolean {
  if (type.kind === 'dyn') return than.kind !== 'dyn'
  if (type.kind === 'list' && than.kind === 'list') return isMoreGeneral(type.item, than.item)
  if (type.kind === 'optional' && than.kind === 'optional') return isMoreGeneral(type.value, than.value)
  if (type.kind !== 'map' || than.kind !== 'map') return false
  return isMoreGeneral(type.key, than.key) || isMoreGeneral(type.value, than.value)
}

function isNull(type: CelType): boolean {
  return type.kind === 'simple' && type.name === 'null_type'
}

/** Text, numbers, lists and maps are never null: whoever asks whether they are is mistaken. */
function isNullable(type: CelType): boolean {
  if (type.kind === 'object' || type.kind === 'optional') return true
  return type.kind === 'simple' && /[.]/.test(type.name)
}
