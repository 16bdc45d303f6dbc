import { jsonEqual } from '../../../machinery/json/equal.ts'
import type { KubeObject } from '../../../machinery/object.ts'

/** Without exact duplicates among the owner references; says so in a warning, as kube-apiserver does. */
export function withoutDuplicateOwners(object: KubeObject, warn: (text: string) => void): KubeObject {
  const owners = object.metadata.ownerReferences
  if (owners === undefined || owners.length < 2) return object
  const unique = owners.filter((owner, index) => owners.findIndex((other) => jsonEqual(other, owner)) === index)
  if (unique.length === owners.length) return object
  const uids = owners.filter((owner) => !unique.includes(owner)).map((owner) => owner.uid)
  const uid = [...new Set(uids)].join(', ')
  warn(`.metadata.ownerReferences contains duplicate entries; the server keeps one of each: ${uid}`)
  return { ...object, metadata: { ...object.metadata, ownerReferences: unique } }
}
