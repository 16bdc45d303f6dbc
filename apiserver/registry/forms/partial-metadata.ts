import type { KubeObject } from '../../../machinery/object.ts'

export type MetaVersion = 'v1' | 'v1beta1'

export function metaApiVersion(version: MetaVersion): string {
  return `meta.k8s.io/${version}`
}

/** The metadata alone: what garbage collection, quota and caches of metadata ask for. */
export function partialMetadata(object: KubeObject, version: MetaVersion): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: metaApiVersion(version), metadata: object.metadata }
}
