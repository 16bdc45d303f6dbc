import { brokenRules } from '../../kinds/external-secret/rules.ts'
import type { JsonObject, JsonValue } from '../../machinery/object.ts'
import type { VectorArea, VectorCase } from './area.ts'

/** Admission of ExternalSecrets: the texts of all broken rules, in their order. */
export const admission: VectorArea = {
  name: 'data.admitExternalSecret',
  cases: ({ vectors }) => (Array.isArray(vectors) ? vectors.flatMap(caseOf) : []),
}

function caseOf(vector: JsonObject): VectorCase[] {
  if (vector['op'] !== 'admitExternalSecret') return []
  const run = () => ({ expected: vector['expect'], actual: admitted(vector['input'] as JsonObject) })
  return [{ name: String(vector['id']), run }]
}

function admitted(spec: JsonObject): JsonValue {
  const texts = brokenRules(spec).map(({ text }) => text)
  return texts.length === 0 ? { admitted: true } : { errorEquals: texts.join('\n') }
}
