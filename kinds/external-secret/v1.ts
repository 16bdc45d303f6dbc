import type { KubeObject } from '../../machinery/object.ts'
import {
  array,
  boolean,
  described,
  type Infer,
  nullable,
  object,
  oneOf,
  required,
  string,
} from '../../machinery/schema/builder.ts'
import { externalSecretCondition } from '../shared/condition.ts'
import { dataKey, objectName } from '../shared/name-schemas.ts'
import { sourceRef, storeRef } from '../shared/source-ref.ts'
import { template } from '../shared/template.ts'
import { dataFrom, remoteRef } from './data-from.ts'

export type ExternalSecret = KubeObject & {
  readonly spec: ExternalSecretSpec
  readonly status?: ExternalSecretStatus
}
export type ExternalSecretSpec = Infer<typeof externalSecretSpec>
export type ExternalSecretStatus = Infer<typeof status>

const schedulePattern =
  '^(@(annually|yearly|monthly|weekly|daily|midnight|hourly)|@every [^\\s]+.*|[^\\s]+( [^\\s]+){4})$'

const syncWindows = object('When refreshes may happen.', {
  kind: required(oneOf('Whether the windows are the only times, or the times excluded.', ['allow', 'deny'])),
  windows: required(
    array(
      'The windows, of which one that is open is enough.',
      object('One recurring span of time.', {
        duration: required(string('How long the window stays open, as in 1h30m.')),
        schedule: required(
          string('When the window opens, in UTC: five cron fields, @daily and its kind, or @every with a duration.', {
            minLength: 1,
            pattern: schedulePattern,
          }),
        ),
      }),
      { minItems: 1 },
    ),
  ),
})

const target = object(
  'The Secret that the values are written to.',
  {
    creationPolicy: oneOf(
      'Owner creates and owns the Secret; Orphan creates and leaves it; Merge needs one that exists; None writes none.',
      ['Owner', 'Orphan', 'Merge', 'None', 'CreateOrMerge'],
      { default: 'Owner' },
    ),
    deletionPolicy: oneOf(
      'What happens to the Secret when the provider has no value any more: it goes, its keys go, or it stays.',
      ['Delete', 'Merge', 'Retain'],
      { default: 'Retain' },
    ),
    immutable: boolean('Makes the Secret immutable: it is written once.'),
    manifest: object('Another kind of object to write instead of a Secret.', {
      apiVersion: required(string('The API version of the object.', { minLength: 1 })),
      kind: required(string('The kind of the object.', { minLength: 1 })),
    }),
    name: objectName('The name of the Secret; that of the ExternalSecret when absent.'),
    template,
  },
  { default: { creationPolicy: 'Owner', deletionPolicy: 'Retain' } },
)

export const externalSecretSpec = object('Which values are wanted, from where, and where they go.', {
  data: array(
    'Single keys of the Secret.',
    object('One key of the Secret.', {
      remoteRef: required(remoteRef),
      secretKey: required(dataKey('The key in the Secret.')),
      sourceRef,
    }),
  ),
  dataFrom: array('Sources of many keys at once; of two with the same key the later wins.', dataFrom),
  refreshInterval: string('How often the provider is asked, as in 30s, 15m or 1h30m; 0s asks once.', {
    default: '1h0m0s',
  }),
  refreshPolicy: oneOf(
    'Periodic asks again after each refreshInterval, OnChange when this object changes, CreatedOnce never.',
    ['CreatedOnce', 'Periodic', 'OnChange'],
  ),
  secretStoreRef: described('The store of every entry that names no other.', storeRef),
  syncWindows,
  target,
})

const status = object('What the last pass did.', {
  binding: object(
    'The Secret that holds the values.',
    { name: string('The name of the Secret.', { default: '' }) },
    { 'x-kubernetes-map-type': 'atomic' },
  ),
  conditions: array('Observed facts, one of each type.', externalSecretCondition),
  refreshTime: nullable(string('When values were last fetched and written.', { format: 'date-time' })),
  syncedResourceVersion: string('The generation and metadata that were last synced.'),
})

/** The storage version: what external-secrets 2.9 serves. */
export const externalSecretV1 = object('ExternalSecret keeps a Secret filled with values from a store.', {
  spec: externalSecretSpec,
  status,
})
