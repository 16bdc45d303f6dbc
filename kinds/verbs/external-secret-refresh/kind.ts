import { defineKind } from '../../../apiserver/registry/kind.ts'
import { array, boolean, type Infer, nullable, object, required, string } from '../../../machinery/schema/builder.ts'
import { externalSecretCondition } from '../../shared/condition.ts'
import { placeOn } from '../places.ts'
import { verbKind } from '../verb-kind.ts'

const status = object('What came of it.', {
  conditions: array('As in the status of the ExternalSecret.', externalSecretCondition),
  detail: string('What went wrong, more closely than the condition says it.'),
  refreshTime: nullable(string('When values were last fetched and written.', { format: 'date-time' })),
  synced: required(boolean('Whether the Secret holds what the provider has.')),
  syncedResourceVersion: string('The generation and metadata that were last synced.'),
})

export type ExternalSecretRefreshStatus = Infer<typeof status>

/** Asks the provider at once, whatever is due, and waits for what comes of it. */
export const externalSecretRefresh = defineKind(
  verbKind({
    kind: 'ExternalSecretRefresh',
    plural: 'externalsecretrefreshes',
    schema: object('ExternalSecretRefresh asks for a refresh of an ExternalSecret now.', { status }),
    at: [placeOn('externalsecrets', 'refresh')],
  }),
)
