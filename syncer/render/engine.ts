import type { Clock } from '../../base/clock.ts'
import { TemplateError } from '../../template/errors.ts'
import { execute, parse } from '../../template/template.ts'
import { SyncError } from '../errors.ts'

/** What templates are rendered with. */
export interface Engine {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly random: (byteCount: number) => Uint8Array
}

export interface Source {
  /** What errors call it; never the source itself, which may come out of a Secret. */
  readonly name: string
  readonly text: string
  readonly isConfidential?: boolean
}

export type Values = ReadonlyMap<string, Uint8Array>

/** The rendered text. Throws SyncError with the words of ESO (eso-behaviour.md 4.1) before those of the engine. */
export function render({ name, text, isConfidential = false }: Source, values: Values, engine: Engine): Uint8Array {
  try {
    return execute(parse(text, { name, isConfidential }), values, engine)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const isParsing = error.code === 'syntax' || error.code === 'unknown-function'
    const failed = isParsing ? 'unable to parse template' : 'unable to execute template'
    throw new SyncError(
      'invalid-value',
      `unable to execute template at key ${name}: ${failed} at key ${name}: ${error.message}`,
    )
  }
}
