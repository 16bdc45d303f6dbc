import type { Statement } from '../../statement.ts'
import { applying } from './apply.ts'
import { kindsOfPatch } from './kinds-of-patch.ts'
import { patched } from './patched.ts'

/** Statements 87 to 102. */
export const patching: readonly Statement[] = [...kindsOfPatch, ...applying, ...patched].toSorted(
  (left, right) => left.number - right.number,
)
