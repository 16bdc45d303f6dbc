import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { TemplateError } from '../../template/errors.ts'
import { execute, parse, type TemplateData } from '../../template/template.ts'
import { ProviderError } from '../errors.ts'

export type Clocks = Pick<Clock, 'now' | 'monotonic'>

/**
 * A part of a call, rendered. A key that is not there is an error before anything is sent: the original would send the
 * text `<no value>` (eso-behaviour.md 8, 11). Errors say where, and quote neither the template nor a value.
 */
export function rendered(part: string, text: string, { data, clock }: { data: TemplateData; clock: Clocks }): string {
  if (!text.includes('{{')) return text
  try {
    const template = parse(text, { name: 'webhooktemplate' })
    const [heavy] = template.heavyFunctions
    if (heavy !== undefined) {
      throw new ProviderError('unsupported', `failed to parse ${part}: ${heavy} takes too long for a call`)
    }
    const limits = { durationMsMax: durationMsMax, stepsMax: 50_000 }
    return Buffer.from(execute(template, data, { clock, random: (count) => randomBytes(count), limits })).toString()
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new ProviderError('invalid-ref', `failed to parse ${part}: ${error.message}`)
  }
}

const durationMsMax = 200
