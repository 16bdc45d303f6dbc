import { defineKind } from '../../../apiserver/registry/kind.ts'
import { array, boolean, type Infer, nullable, object, required, string } from '../../../machinery/schema/builder.ts'
import { externalSecretCondition } from '../../shared/condition.ts'
import { placeOn } from '../places.ts'

const status = object('What came of it.', {
  conditions: array('As in the status of the ExternalSecret.', externalSecretCondition),
  detail: string('What went wrong, more closely than the condition says it.'),
  refreshTime: nullable(string('When values were last fetched and written.', { format: 'date-time' })),
  synced: required(boolean('Whether the Secret holds what the provider has.')),
  syncedResourceVersion: string('The generation and metadata that were last synced.'),
})

export type ExternalSecretRefreshStatus = Infer<typeof status>

/** Asks the provider at once, whatever is due, and waits for what comes of it. */
export const externalSecretRefresh = defineKind({
  group: 'external-secrets.io',
  names: { kind: 'ExternalSecretRefresh', plural: 'externalsecretrefreshes' },
  scope: 'namespaced',
  versions: {
    v1: { schema: object('ExternalSecretRefresh asks for a refresh of an ExternalSecret now.', { status }) },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  review: { at: [placeOn('externalsecrets', 'refresh')], isBodyOptional: true },
})
