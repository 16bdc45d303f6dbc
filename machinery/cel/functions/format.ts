import { CelEvaluationError } from '../errors.ts'
import { NamedFormat, namedFormats } from '../opaque/named-format.ts'
import { listOf } from '../values/list.ts'
import { member, plain } from './table.ts'
import type { FunctionTable } from './table.ts'
import { none, Optional, sizeOf } from '../values/value.ts'
import type { Opaque, Value } from '../values/value.ts'

const type = 'kubernetes.NamedFormat'

/** Formats by name, `format.dns1123Label().validate(text)`: none for a good text, otherwise what is wrong with it. */
export const format: FunctionTable = {
  'format.named': [plain(['string', '->', `optional(${type})`], (name) => new Optional(namedFormats.get(name)))],
  ...Object.fromEntries(
    [...namedFormats].map(([name, named]) => [`format.${name}`, [plain(['->', type], () => named)]]),
  ),
  validate: [member([type, 'string', '->', 'optional(list(string))'], validate, validateCost)],
}

function validate(named: Opaque, text: string): Optional {
  if (!(named instanceof NamedFormat)) throw new CelEvaluationError('no such overload')
  const problems = named.problemsOf(text)
  return problems.length === 0 ? none : new Optional(listOf(problems))
}

function validateCost([named, text = null]: readonly Value[]): number {
  const patternSize = named instanceof NamedFormat ? named.patternSize : 1
  return Math.ceil((1 + sizeOf(text)) * 0.1) * Math.ceil(patternSize * 0.25)
}
