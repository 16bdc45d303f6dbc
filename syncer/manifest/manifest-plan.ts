import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { jsonEqual } from '../../machinery/json/equal.ts'
import type { JsonObject, KubeObject, ObjectMeta } from '../../machinery/object.ts'
import { hashOfManifest } from '../hash.ts'
import { isMetadataSame, type Plan, preventionOf } from '../plan.ts'
import { marked } from '../plan/desired.ts'
import type { Adoption } from '../plan/foreign.ts'
import { managerOf } from '../target/marks.ts'
import { withoutOwnFields } from '../target/own-fields.ts'
import { mergesIntoTarget, targetNameOf } from '../target/policy.ts'
import { edited } from './edits.ts'
import type { ManifestContent } from './render-manifest.ts'

interface WantedManifest {
  readonly externalSecret: ExternalSecret
  readonly content: ManifestContent
  readonly adoption: Adoption
  readonly current?: KubeObject
}

/**
 * What has to be written so that an object of another kind is as it is wanted (eso-behaviour.md 1.11): the rules of
 * whose it is are those of Secrets. Throws SyncError where a path does not fit into what is there.
 */
export function planManifest(wanted: WantedManifest): Plan<KubeObject> {
  const { current } = wanted
  const prevented = preventionOf(wanted)
  if (prevented !== undefined) return prevented
  const object = desiredManifest(wanted)
  if (current === undefined) return { action: 'create', object }
  const isSame = isMetadataSame(object.metadata, current.metadata) && jsonEqual(contentOf(object), contentOf(current))
  return isSame ? { action: 'none' } : { action: 'update', object }
}

function desiredManifest({ externalSecret, content, current }: WantedManifest): KubeObject {
  const { name = '', namespace = '' } = externalSecret.metadata
  const { apiVersion = '', kind = '' } = externalSecret.spec.target?.manifest ?? {}
  const left = current && withoutOwnFields(current, managerOf(name))
  const kept = left && mergesIntoTarget(externalSecret) ? contentOf(left) : emptied(kind, current)
  const object = edited(kept, content.edits)
  const metadata: ObjectMeta = {
    ...(left?.metadata ?? { name: targetNameOf(externalSecret), namespace }),
    labels: { ...left?.metadata.labels, ...content.labels },
    annotations: { ...left?.metadata.annotations, ...content.annotations },
  }
  return { apiVersion, kind, ...object, metadata: marked(externalSecret, metadata, hashOfManifest(object)) }
}

/** All that its maker may say; and the status, which is its controller's and would go with what is not written. */
function contentOf({ apiVersion: _version, kind: _kind, metadata: _metadata, ...content }: KubeObject): JsonObject {
  return content as JsonObject
}

function emptied(kind: string, current: KubeObject | undefined): JsonObject {
  const status = current?.['status'] as JsonObject | undefined
  return { ...(kind === 'ConfigMap' ? { data: {} } : { spec: {} }), ...(status !== undefined && { status }) }
}
