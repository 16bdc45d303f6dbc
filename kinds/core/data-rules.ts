import { type FieldError, forbiddenField, invalidField } from '../../machinery/field-error.ts'
import { jsonEqual } from '../../machinery/json/equal.ts'
import { configKeyProblems } from '../../machinery/names.ts'

/** What Secret and ConfigMap hold at most: core.MaxSecretSize. */
export const dataBytesMax = 1024 * 1024

export function keyErrors(member: string, values: Readonly<Record<string, unknown>> = {}): FieldError[] {
  return Object.keys(values).flatMap((key) =>
    configKeyProblems(key).map((problem) => invalidField(`${member}[${key}]`, key, problem)),
  )
}

interface Lockable {
  readonly immutable?: boolean | undefined
  readonly [member: string]: unknown
}

/** Once immutable, always immutable, and so are the named members. */
export function immutableErrors(
  next: Lockable,
  previous: Lockable | undefined,
  members: readonly string[],
): FieldError[] {
  if (previous?.immutable !== true) return []
  const changed = members.filter((member) => !jsonEqual(next[member] ?? {}, previous[member] ?? {}))
  const fields = next.immutable === true ? changed : ['immutable', ...changed]
  return fields.map((field) => forbiddenField(field, 'field is immutable when `immutable` is set'))
}
