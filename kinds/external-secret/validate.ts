import type { Validation, ValidationResult } from '../../apiserver/registry/kind.ts'
import { parseGoDuration } from '../../machinery/duration.ts'
import { type FieldError, invalidField, requiredField } from '../../machinery/field-error.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { brokenRules } from './rules.ts'
import { templateErrors } from './template-rules.ts'
import type { ExternalSecret, ExternalSecretSpec } from './v1.ts'

export const validations: readonly Validation[] = [
  { name: 'external-secret', check: (object) => checkExternalSecret(object) },
]

/** What the admission of an ExternalSecret says, beyond its schema. */
export function checkExternalSecret(object: KubeObject): ValidationResult {
  const { spec } = object as Partial<ExternalSecret>
  if (spec === undefined) return { errors: [requiredField('spec', 'either data or dataFrom should be specified')] }
  return { errors: [...specErrors(spec), ...templateErrors(spec)] }
}

/** What is wrong with the spec, its templates aside. */
export function specErrors(spec: ExternalSecretSpec): readonly FieldError[] {
  return [...brokenRules(spec).map(({ error }) => error), ...durationErrors(spec)]
}

const durationForm = 'must be a duration such as 30s, 15m or 1h30m'

/** A duration that cannot be read stops the original for every ExternalSecret there is (eso-behaviour.md 8, row 1). */
function durationErrors({ refreshInterval, syncWindows }: ExternalSecretSpec): FieldError[] {
  const windows = syncWindows?.windows ?? []
  return [
    ...durationError('spec.refreshInterval', refreshInterval, `${durationForm}; 0s asks the provider once`),
    ...windows.flatMap(({ duration }, index) =>
      durationError(`spec.syncWindows.windows[${index}].duration`, duration, durationForm),
    ),
  ]
}

function durationError(field: string, text: string | undefined, detail: string): FieldError[] {
  return text === undefined || parseGoDuration(text) !== undefined ? [] : [invalidField(field, text, detail)]
}
