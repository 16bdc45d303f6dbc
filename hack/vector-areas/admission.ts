import { brokenRules } from '../../kinds/external-secret/rules.ts'
import type { JsonObject } from '../../machinery/object.ts'
import type { VectorArea, VectorOutcome } from './area.ts'
import { caseList } from './case-list.ts'

interface AdmissionCase {
  readonly op: string
  readonly id: string
  readonly input: JsonObject
  readonly expect: { readonly admitted?: boolean; readonly errorEquals?: string; readonly errorContains?: string }
}

/** Admission of ExternalSecrets: the texts of all broken rules, one to a line, in their order. */
export const admission: VectorArea = {
  name: 'data.admitExternalSecret',
  cases: (file) =>
    caseList<AdmissionCase>(file, 'vectors')
      .filter(({ op }) => op === 'admitExternalSecret')
      .map(({ id, input, expect }) => ({ name: id, run: () => outcome(input, expect) })),
}

function outcome(spec: JsonObject, expected: AdmissionCase['expect']): VectorOutcome {
  const text = brokenRules(spec)
    .map((rule) => rule.text)
    .join('\n')
  if (text === '') return { expected, actual: { admitted: true } }
  const { errorContains } = expected
  if (errorContains === undefined) return { expected, actual: { errorEquals: text } }
  return { expected, actual: { errorContains: text.includes(errorContains) ? errorContains : text } }
}
