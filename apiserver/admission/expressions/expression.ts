import { CelCompileError } from '../../../machinery/cel/errors.ts'
import { isSimple, typeText } from '../../../machinery/cel/type.ts'
import type { CelType } from '../../../machinery/cel/type.ts'
import { compileExpression, type Vocabulary } from './environment.ts'
import type { Expression } from './evaluation.ts'

/** Compiles; what does not compile, or is of none of the wanted types, is kept with its flaw. */
export function expressionOf(
  text: string,
  vocabulary: Vocabulary,
  wanted?: { readonly fits: (type: CelType) => boolean; readonly named: string },
): Expression {
  try {
    const program = compileExpression(text, vocabulary)
    if (wanted === undefined || program.type.kind === 'dyn' || wanted.fits(program.type)) return { text, program }
    return { text, flaw: `must evaluate to ${wanted.named}, not ${typeText(program.type)}` }
  } catch (error) {
    if (error instanceof CelCompileError) return { text, flaw: error.message }
    throw error
  }
}

export const boolean = { fits: (type: CelType) => isSimple(type, 'bool'), named: 'bool' }
export const string = { fits: (type: CelType) => isSimple(type, 'string'), named: 'string' }
export const stringOrNull = {
  fits: (type: CelType) => isSimple(type, 'string') || isSimple(type, 'null_type'),
  named: 'string or null',
}
