import { jsonEqual } from '../../machinery/json/equal.ts'
import type { JsonObject } from '../../machinery/object.ts'
import type { VectorArea, VectorOutcome } from './area.ts'

export interface VectorResult {
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped or how it failed. */
  readonly detail: string
}

/** What the areas answer to the cases of one file, in order. */
export function vectorResults(areas: readonly VectorArea[], file: JsonObject): readonly VectorResult[] {
  return areas.flatMap((area) =>
    area.cases(file).map(({ name, run }) => ({ name: `${area.name} ${name}`, ...judged(run) })),
  )
}

function judged(run: () => VectorOutcome): Omit<VectorResult, 'name'> {
  try {
    const outcome = run()
    if ('skipped' in outcome) return { result: 'skipped', detail: outcome.skipped }
    if (jsonEqual(outcome.expected, outcome.actual)) return { result: 'passed', detail: '' }
    const detail = `expected ${shown(outcome.expected)}\n  actual   ${shown(outcome.actual)}`
    return { result: 'failed', detail }
  } catch (error) {
    return { result: 'failed', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined'
}
