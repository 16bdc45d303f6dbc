import { defineKind } from '../../../apiserver/registry/kind.ts'
import { forbiddenField } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { type Infer, integer, object, required, string } from '../../../machinery/schema/builder.ts'
import { placesOnStores } from '../places.ts'
import { verbKind } from '../verb-kind.ts'

const spec = object('Which of them; all when absent.', {
  prefix: string('Those that read remote secrets whose names begin so.'),
  remoteKey: string('Those that read this remote secret.'),
})

const status = object('The answer.', {
  refreshing: required(integer('How many ExternalSecrets are asked for anew.', { format: 'int32' })),
})

export type StoreRefreshSpec = Infer<typeof spec>

/** Everything that reads from a store is asked for anew. Nobody waits for what comes of it. */
export const storeRefresh = defineKind(
  verbKind({
    kind: 'StoreRefresh',
    plural: 'storerefreshes',
    schema: object('StoreRefresh asks for a refresh of what reads from a store.', { spec, status }),
    at: placesOnStores('refresh'),
    validate: [{ name: 'one-of', check: (object) => ({ errors: isAmbiguous(object) ? [ambiguous] : [] }) }],
  }),
)

const ambiguous = forbiddenField('spec.prefix', 'may not be set when remoteKey is')

function isAmbiguous(object: KubeObject): boolean {
  const { prefix, remoteKey } = (object['spec'] ?? {}) as StoreRefreshSpec
  return prefix !== undefined && remoteKey !== undefined
}
