import { type FunctionTable, plain, walkCost } from '../functions/table.ts'

/** A key as a JSON pointer has it. */
export const jsonPointer: FunctionTable = {
  'jsonpatch.escapeKey': [
    plain(['string', '->', 'string'], (key) => key.replaceAll('~', '~0').replaceAll('/', '~1'), walkCost(0)),
  ],
}
