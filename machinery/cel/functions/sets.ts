import { equalValues } from '../values/equality.ts'
import type { Meter } from '../meter.ts'
import { plain } from './table.ts'
import type { FunctionTable } from './table.ts'
import { sizeOf } from '../values/value.ts'
import type { List, Value } from '../values/value.ts'

/** The sets extension: lists of which only the different items count. */
export const sets: FunctionTable = {
  'sets.contains': [plain(['list(T)', 'list(T)', '->', 'bool'], containsAll, productCost)],
  'sets.equivalent': [
    plain(
      ['list(T)', 'list(T)', '->', 'bool'],
      (left, right, meter) => containsAll(left, right, meter) && containsAll(right, left, meter),
      (args) => 2 * productCost(args),
    ),
  ],
  'sets.intersects': [
    plain(
      ['list(T)', 'list(T)', '->', 'bool'],
      (left, right, meter) => [...left].some((item) => contains(right, item, meter)),
      productCost,
    ),
  ],
}

/** Each of the one with each of the other. */
function productCost([left = null, right = null]: readonly Value[]): number {
  return 1 + sizeOf(left) * sizeOf(right)
}

function containsAll(list: List, items: List, meter: Meter): boolean {
  for (const item of items) if (!contains(list, item, meter)) return false
  return true
}

function contains(list: List, item: Value, meter: Meter): boolean {
  for (const each of list) if (equalValues(each, item, (cost) => meter.charge(cost))) return true
  return false
}
