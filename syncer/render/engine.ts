import { TemplateError } from '../../template/errors.ts'
import { type ExecuteOptions, execute } from '../../template/template.ts'
import { SyncError } from '../errors.ts'
import type { ParsedTemplates, Source } from './parsed-templates.ts'

/** What templates are rendered with. */
export interface Engine extends ExecuteOptions {
  readonly templates: ParsedTemplates
}

export type Values = ReadonlyMap<string, Uint8Array>

/** The rendered text. Throws SyncError with the words of ESO (eso-behaviour.md 4.1) before those of the engine. */
export function render(source: Source, values: Values, engine: Engine): Uint8Array {
  try {
    return execute(engine.templates.parse(source), values, engine)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const isParsing = error.code === 'syntax' || error.code === 'unknown-function'
    const failed = isParsing ? 'unable to parse template' : 'unable to execute template'
    throw new SyncError(
      'invalid-value',
      `unable to execute template at key ${source.name}: ${failed} at key ${source.name}: ${error.message}`,
    )
  }
}
