/** Deep equality of JSON values; an undefined member is an absent one. */
export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) || Array.isArray(right))
    return Array.isArray(left) && Array.isArray(right) && equalArrays(left, right)
  return equalObjects(left, right)
}

function equalArrays(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => jsonEqual(item, right[index]))
}

function equalObjects(left: object, right: object): boolean {
  const others = new Map(Object.entries(right))
  let matched = 0
  for (const [member, value] of Object.entries(left)) {
    if (value === undefined) continue
    if (!jsonEqual(value, others.get(member))) return false
    matched += 1
  }
  let defined = 0
  for (const value of others.values()) if (value !== undefined) defined += 1
  return matched === defined
}
