import type { Operand } from '../syntax/nodes.ts'

/** An operand in an error: names, never constants, which may come out of a Secret like any other part of a source. */
export function operandText(operand: Operand): string {
  switch (operand.kind) {
    case 'field':
      return `.${operand.path.join('.')}`
    case 'variable':
      return [operand.name, ...operand.path].join('.')
    case 'function':
      return operand.name
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'literal':
      return 'constant'
    case 'pipe':
      return '(...)'
    case 'chain':
      return [operandText(operand.base), ...operand.path].join('.')
  }
}
