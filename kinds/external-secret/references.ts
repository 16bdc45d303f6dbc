import type { Reference } from '../../apiserver/registry/kind.ts'
import type { KubeObject, ObjectMeta } from '../../machinery/object.ts'
import { generatorUse } from '../shared/generator-use.ts'
import { storeUse } from '../shared/store-use.ts'
import type { ExternalSecret, ExternalSecretSpec } from './v1.ts'

/** The stores and generators that it names, wherever; the Secrets with templates, and the one that it writes. */
export function references(object: KubeObject): readonly Reference[] {
  const { metadata, spec } = object as Partial<ExternalSecret> & KubeObject
  if (spec === undefined) return []
  const namespace = metadata.namespace ?? ''
  const sources = sourceRefs(spec)
  const stores = [spec.secretStoreRef, ...sources.map(({ storeRef }) => storeRef)]
  return [
    ...stores.flatMap((ref) => storeUse(ref, namespace)),
    ...sources.flatMap(({ generatorRef }) => generatorUse(generatorRef, namespace)),
    ...templateSecrets(spec, namespace),
    ...targetWrites(spec, metadata),
  ]
}

type Source = NonNullable<NonNullable<ExternalSecretSpec['data'] | ExternalSecretSpec['dataFrom']>[number]['sourceRef']>

/** Of the few entries that have one. */
function sourceRefs({ data = [], dataFrom = [] }: ExternalSecretSpec): readonly Source[] {
  const sources: Source[] = []
  for (const { sourceRef } of data) if (sourceRef !== undefined) sources.push(sourceRef)
  for (const { sourceRef } of dataFrom) if (sourceRef !== undefined) sources.push(sourceRef)
  return sources
}

/** Members are named one by one here: spread copies of others would have a shape each (see withMembers). */
function templateSecrets({ target }: ExternalSecretSpec, namespace: string): readonly Reference[] {
  const names = (target?.template?.templateFrom ?? []).flatMap(({ secret }) => secret?.name ?? [])
  return names.map((name) => ({ verb: 'get', group: '', resource: 'secrets', namespace, name, asked: 'strict' }))
}

/** A right to create says nothing of names: the request has none. */
function targetWrites({ target }: ExternalSecretSpec, metadata: ObjectMeta): readonly Reference[] {
  const resource = targetResource(target?.manifest)
  if (resource === undefined || target?.creationPolicy === 'None') return []
  const { namespace = '', name: ownName = '' } = metadata
  const name = target?.name || ownName
  const update = { verb: 'update', group: '', resource, namespace, name, asked: 'strict', isWrite: true } as const
  if (target?.creationPolicy === 'Merge') return [update]
  return [{ verb: 'create', group: '', resource, namespace, asked: 'strict', isWrite: true }, update]
}

/** Which resource a kind of the world around has is not known here: --unsafe-allow-generic-targets is named for it. */
function targetResource(manifest: Manifest | undefined): string | undefined {
  if (manifest === undefined) return 'secrets'
  const { apiVersion, kind } = manifest
  return apiVersion === 'v1' && kind === 'ConfigMap' ? 'configmaps' : undefined
}

type Manifest = NonNullable<NonNullable<ExternalSecretSpec['target']>['manifest']>
