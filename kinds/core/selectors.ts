import type { Validation } from '../../apiserver/registry/kind.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { LabelSelectorSpec } from '../../machinery/selector/label.ts'
import { labelSelectorErrors } from '../../machinery/selector/validation.ts'

/** The selectors at these places can be asked; `*` in a path is every item of a list: `webhooks.*.objectSelector`. */
export function selectorsAt(...paths: readonly string[]): Validation {
  return {
    name: 'selectors',
    judges: 'object',
    check: (object) => ({
      errors: paths
        .flatMap((path) => found(object, path.split('.'), ''))
        .flatMap(({ selector, field }) => labelSelectorErrors(selector, field)),
    }),
  }
}

interface Found {
  readonly selector: LabelSelectorSpec
  readonly field: string
}

function found(value: unknown, [step, ...rest]: readonly string[], field: string): readonly Found[] {
  if (step === undefined) return isJsonObject(value) ? [{ selector: value, field }] : []
  if (step !== '*') return isJsonObject(value) ? found(value[step], rest, field === '' ? step : `${field}.${step}`) : []
  return Array.isArray(value) ? value.flatMap((item, index) => found(item, rest, `${field}[${index}]`)) : []
}
