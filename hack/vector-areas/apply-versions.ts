import { ApplyError } from '../../machinery/apply/errors.ts'
import type { ConvertTyped } from '../../machinery/apply/typed-object.ts'
import type { ObjectType } from '../../machinery/apply/types/object-type.ts'
import { isJsonObject } from '../../machinery/json/member.ts'

/** The conversions of `updaterCases`, as the vectors describe them. */
export function versionConversion(name: string, typeIn: (apiVersion: string) => ObjectType): ConvertTyped {
  const convert = conversions[name]
  if (convert === undefined) throw new Error(`no conversion ${name}`)
  return (object, apiVersion) => {
    if (name === 'repeating' && !/^v\d+$/.test(apiVersion)) return undefined
    if (name === 'none') return { ...object, apiVersion }
    return { apiVersion, type: typeIn(apiVersion), value: convert(object.value, object.apiVersion, apiVersion) }
  }
}

type ConvertValue = (value: unknown, from: string, to: string) => unknown

const conversions: Readonly<Record<string, ConvertValue>> = {
  none: (value) => value,
  renaming: (value, from, to) => {
    return withNames(value, (name) => (name.endsWith(from) ? `${name.slice(0, -from.length)}${to}` : name))
  },
  repeating: (value, _from, to) => withInnerNames(value, (name) => (name[0] ?? '').repeat(Number(to.slice(1)))),
  reliantFields: (value, from, to) => {
    const [old, next] =
      to === 'v1' ? ['required_field_bar', 'field_foo_rely_on_bar'] : ['field_foo_rely_on_bar', 'required_field_bar']
    if (to === 'v1' && from !== 'v1' && !(isJsonObject(value) && Object.hasOwn(value, old))) {
      throw new ApplyError('required_field_bar is missing')
    }
    return isJsonObject(value) ? renamed(value, (name) => (name === old ? next : name)) : value
  },
}

function withNames(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withNames(item, rename))
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).map(([name, member]) => [rename(name), withNames(member, rename)] as const)
  return Object.fromEntries(members)
}

/** The names at the root stay. */
function withInnerNames(value: unknown, rename: (name: string) => string): unknown {
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).map(([name, member]) => [name, withNames(member, rename)] as const)
  return Object.fromEntries(members)
}

function renamed(value: Readonly<Record<string, unknown>>, rename: (name: string) => string): unknown {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [rename(name), member]))
}
