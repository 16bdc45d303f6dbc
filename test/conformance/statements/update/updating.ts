import type { Statement } from '../../statement.ts'
import { owners } from './owners.ts'
import { protectedFields } from './protected.ts'
import { putting } from './put.ts'
import { statusWrites } from './status.ts'

/** Statements 71 to 86. */
export const updating: readonly Statement[] = [...putting, ...protectedFields, ...statusWrites, ...owners].toSorted(
  (left, right) => left.number - right.number,
)
