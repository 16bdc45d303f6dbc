import { methodOf } from '../time/methods.ts'
import { Moment } from '../time/moment.ts'
import { Dictionary, Integer, type Method, Structure, typeName, type Value } from '../value.ts'

export type FieldResult = { readonly value: Value } | { readonly refused: string }

/** `.name` of a value, which may be a method that takes arguments. A key that is not there is an error. */
export function fieldOf(receiver: Value, name: string, args: readonly Value[]): FieldResult {
  const method = methodIn(receiver, name)
  if (method) return { value: method(args) }
  if (receiver === null) return { refused: `nil has no entry for key "${name}"` }
  if (receiver instanceof Dictionary || receiver instanceof Structure) {
    const found = (receiver instanceof Dictionary ? receiver.entries : receiver.fields).get(name)
    if (found !== undefined) return args.length === 0 ? { value: found } : { refused: `${name} takes no arguments` }
    if (receiver instanceof Dictionary) return { refused: `map has no entry for key "${name}"` }
  }
  return { refused: `can't evaluate field ${name} in type ${typeName(receiver)}` }
}

function methodIn(receiver: Value, name: string): Method | undefined {
  if (receiver instanceof Moment) return methodOf(receiver, name)
  if (receiver instanceof Structure) return receiver.methods.get(name)
  const text = receiver instanceof Integer ? receiver.text : undefined
  return text !== undefined && name === 'String' ? () => text : undefined
}
