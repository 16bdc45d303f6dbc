import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ObjectMeta } from '../../machinery/object.ts'
import { hashOfData } from '../hash.ts'
import type { Content } from '../render/content.ts'
import { createdByLabel, creatorOf, dataHashAnnotation, managedLabel, managerOf } from '../target/marks.ts'
import { withoutOwnFields } from '../target/own-fields.ts'
import { isOwnerPolicy, mergesIntoTarget, targetNameOf } from '../target/policy.ts'
import { dataOf, encodedData } from '../target/secret-data.ts'
import { ownersOf } from './ownership.ts'

export interface Desired {
  readonly externalSecret: ExternalSecret
  readonly content: Content
  /** The target as it was read; absent when there is none. */
  readonly current?: Secret
}

/** The Secret as its ExternalSecret wants it, with the marks that say whose it is (eso-behaviour.md 1.8). */
export function desiredSecret({ externalSecret, content, current }: Desired): Secret {
  const isKept = current !== undefined && externalSecret.spec.target?.immutable === true
  const base = isKept ? current : withContent({ externalSecret, content, ...(current && { current }) })
  return {
    ...base,
    metadata: marked(externalSecret, base.metadata, hashOfData(dataOf(base))),
    ...(externalSecret.spec.target?.immutable === true && { immutable: true }),
  }
}

/** With the marks that say whose the object is, and what it was when we wrote it. */
export function marked(externalSecret: ExternalSecret, metadata: ObjectMeta, dataHash: string): ObjectMeta {
  const { labels: { [createdByLabel]: _, ...labels } = {}, annotations, ownerReferences = [], ...rest } = metadata
  const creator = creatorOf(externalSecret.metadata.namespace ?? '', externalSecret.metadata.name ?? '')
  const owners = ownersOf(externalSecret, ownerReferences)
  return {
    ...rest,
    labels: {
      ...labels,
      ...(isOwnerPolicy(externalSecret) && { [createdByLabel]: creator }),
      [managedLabel]: 'true',
    },
    annotations: { ...annotations, [dataHashAnnotation]: dataHash },
    ...(owners.length > 0 && { ownerReferences: owners }),
  }
}

/** What the field manager wrote earlier and is not wanted any more goes; of data all, unless it is merged into. */
function withContent({ externalSecret, content, current }: Desired): Secret {
  const { namespace = '', name = '' } = externalSecret.metadata
  const empty: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: targetNameOf(externalSecret), namespace },
  }
  const { stringData: _, ...base } = current ? withoutOwnFields(current, managerOf(name)) : empty
  const finalizers = [...new Set([...(base.metadata.finalizers ?? []), ...content.finalizers])]
  return {
    ...base,
    ...(content.type !== undefined && { type: content.type }),
    metadata: {
      ...base.metadata,
      labels: { ...base.metadata.labels, ...content.labels },
      annotations: { ...base.metadata.annotations, ...content.annotations },
      ...(finalizers.length > 0 && { finalizers }),
    },
    data: { ...(mergesIntoTarget(externalSecret) && base.data), ...encodedData(content.data) },
  }
}
