import { byBytes } from '../../base/byte-order.ts'
import { RE2JS, RE2JSException } from 're2js'
import { goReplaceAll } from '../../base/regexp/go-replace.ts'
import type { ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import { patternLengthMax } from '../../machinery/schema/pattern.ts'
import { TemplateError } from '../../template/errors.ts'
import { execute, type Template } from '../../template/template.ts'
import { SyncError } from '../errors.ts'
import type { Engine } from '../render/engine.ts'
import type { Source } from '../render/parsed-templates.ts'
import { mergeValues } from './merge.ts'

type Values = ReadonlyMap<string, Uint8Array>
export type Rewrite = NonNullable<NonNullable<ExternalSecretSpec['dataFrom']>[number]['rewrite']>[number]

/**
 * Every operation in order, each on what the one before left (eso-behaviour.md 3.2). Of keys that become one, the last
 * by the order of bytes wins, where the original leaves it to chance. Throws SyncError.
 */
export function rewriteValues(values: Values, operations: readonly Rewrite[], engine: Engine): Values {
  return operations.reduce((rewritten, operation, index) => {
    try {
      return rewriteOnce(rewritten, operation, engine)
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      throw new SyncError('invalid-value', `failed rewrite operation[${index}]: ${error.message}`)
    }
  }, values)
}

function rewriteOnce(values: Values, { merge, regexp, transform }: Rewrite, engine: Engine): Values {
  if (regexp !== undefined) return renamed(values, renameBy(regexp))
  if (merge !== undefined) return mergeValues(values, merge)
  if (transform !== undefined) return renamed(values, transformBy(transform, engine))
  return values
}

function renameBy({ source, target }: NonNullable<Rewrite['regexp']>): (key: string) => string {
  const failed = 'regexp failed with failed to compile'
  if (source.length > patternLengthMax) {
    throw new SyncError('invalid-value', `${failed}: it is longer than ${patternLengthMax} characters`)
  }
  try {
    const pattern = RE2JS.compile(source)
    return (key) => goReplaceAll(pattern, key, target)
  } catch (error) {
    const reason = error instanceof RE2JSException ? error.message : 'it is not a regular expression'
    throw new SyncError('invalid-value', `${failed}: ${reason}`)
  }
}

/** What a transform renders for each key. */
export function transformSource({ template }: NonNullable<Rewrite['transform']>): Source {
  return { name: 'transform', text: template }
}

function transformBy(transform: NonNullable<Rewrite['transform']>, engine: Engine): (key: string) => string {
  try {
    const template = engine.templates.parse(transformSource(transform))
    return (key) => transformed(template, key, engine)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new SyncError('invalid-value', `transform failed with failed to parse template: ${error.message}`)
  }
}

function transformed(template: Template, key: string, engine: Engine): string {
  try {
    return Buffer.from(execute(template, new Map([['value', Buffer.from(key)]]), engine)).toString()
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const failed = `transform failed with failed to execute template for key "${key}"`
    throw new SyncError('invalid-value', `${failed}: ${error.message}`)
  }
}

function renamed(values: Values, rename: (key: string) => string): Values {
  const keys = [...values.keys()].sort(byBytes)
  return new Map(keys.map((key) => [rename(key), values.get(key) ?? new Uint8Array()]))
}
