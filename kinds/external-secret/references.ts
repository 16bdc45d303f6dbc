import type { Reference } from '../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
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
    ...templateSecrets(spec).map((name) => ({ ...secrets, namespace, verb: 'get', name })),
    ...targetWrites(spec, metadata.name ?? '').map((right) => ({ ...written, namespace, ...right })),
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

const secrets = { group: '', resource: 'secrets', asked: 'strict' } as const
const written = { isWrite: true } as const

function templateSecrets({ target }: ExternalSecretSpec): readonly string[] {
  return (target?.template?.templateFrom ?? []).flatMap(({ secret }) => secret?.name ?? [])
}

interface TargetWrite {
  readonly group: string
  readonly resource: string
  readonly asked: 'strict'
  readonly verb: string
  readonly name?: string
}

/** A right to create says nothing of names: the request has none. */
function targetWrites({ target }: ExternalSecretSpec, ownName: string): readonly TargetWrite[] {
  const resource = targetResource(target?.manifest)
  if (resource === undefined) return []
  const update = { ...resource, verb: 'update', name: target?.name || ownName }
  switch (target?.creationPolicy) {
    case 'None':
      return []
    case 'Merge':
      return [update]
    default:
      return [{ ...resource, verb: 'create' }, update]
  }
}

/** Which resource a kind of the world around has is not known here: --unsafe-allow-generic-targets is named for it. */
function targetResource(manifest: Manifest | undefined): Omit<TargetWrite, 'verb'> | undefined {
  if (manifest === undefined) return secrets
  const { apiVersion, kind } = manifest
  return apiVersion === 'v1' && kind === 'ConfigMap' ? { ...secrets, resource: 'configmaps' } : undefined
}

type Manifest = NonNullable<NonNullable<ExternalSecretSpec['target']>['manifest']>
