/** Deep equality of JSON values; an undefined member is an absent one. */
export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) || Array.isArray(right))
    return Array.isArray(left) && Array.isArray(right) && equalArrays(left, right)
  return equalMembers(left as Members, right as Members)
}

function equalArrays(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => jsonEqual(item, right[index]))
}

type Members = Readonly<Record<string, unknown>>

const none: ReadonlySet<string> = new Set()

/** The same of two objects, whatever they have under these names. */
export function jsonEqualBut(ignored: ReadonlySet<string>, left: object, right: object): boolean {
  return left === right || equalMembers(left as Members, right as Members, ignored)
}

/** Every write compares objects many times: nothing is built for it. JSON has no inherited members to step over. */
function equalMembers(left: Members, right: Members, ignored: ReadonlySet<string> = none): boolean {
  let count = 0
  for (const member in left) {
    const value = left[member]
    if (value === undefined || ignored.has(member)) continue
    if (!Object.hasOwn(right, member) || !jsonEqual(value, right[member])) return false
    count += 1
  }
  for (const member in right) if (right[member] !== undefined && !ignored.has(member)) count -= 1
  return count === 0
}
