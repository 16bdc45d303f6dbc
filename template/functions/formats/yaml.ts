import { unicodeText } from '../../byte-string.ts'
import { BudgetSpent } from '../../exec/budget.ts'
import { Dictionary } from '../../value.ts'
import { type FunctionTable, takes } from '../definition.ts'
import { plainValue } from '../json-value.ts'
import { readYaml } from './yaml-reader.ts'
import { yamlText } from './yaml-writer.ts'

export const yamlFunctions: FunctionTable = {
  toYaml: takes(['any'], ([value], { budget }) => yamlText(value, budget)),
  // What cannot be read is a map that says so, as in the original, in our words.
  fromYaml: takes(['string'], ([text], { budget }) => {
    budget.reserve(4 * text.length)
    try {
      const value = plainValue(readYaml(unicodeText(text)) ?? {}, budget)
      return value instanceof Dictionary ? value : failure('the text is not a YAML map')
    } catch (error) {
      if (error instanceof BudgetSpent) throw error
      return failure('the text is not YAML')
    }
  }),
}

function failure(message: string): Dictionary {
  return new Dictionary([['Error', message]])
}
