import type { KubeObject, OwnerReference } from '../../../machinery/object.ts'

/** Without exact duplicates among the owner references; says so in a warning, as kube-apiserver does. */
export function withoutDuplicateOwners(object: KubeObject, warn: (text: string) => void): KubeObject {
  const owners = object.metadata.ownerReferences
  if (owners === undefined || owners.length < 2) return object
  const unique = [...new Map(owners.toReversed().map((owner) => [keyOf(owner), owner])).values()].toReversed()
  if (unique.length === owners.length) return object
  const kept = new Set(unique)
  const uids = owners.filter((owner) => !kept.has(owner)).map((owner) => owner.uid)
  const uid = [...new Set(uids)].join(', ')
  warn(`.metadata.ownerReferences contains duplicate entries; the server keeps one of each: ${uid}`)
  return { ...object, metadata: { ...object.metadata, ownerReferences: unique } }
}

/** Equal for equal references, whatever the order of their members: comparing each with each would be quadratic. */
function keyOf(owner: OwnerReference): string {
  return JSON.stringify(Object.entries(owner).sort(([left], [right]) => (left < right ? -1 : 1)))
}
