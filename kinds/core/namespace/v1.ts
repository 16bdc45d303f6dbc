import type { KubeObject } from '../../../machinery/object.ts'
import { array, type Infer, nullable, object, required, string } from '../../../machinery/schema/builder.ts'

export type Namespace = KubeObject & Infer<typeof namespaceV1>

const condition = object('One observed fact about the namespace.', {
  lastTransitionTime: nullable(string('When the status of the condition last changed.', { format: 'date-time' })),
  message: string('What happened, in words.'),
  reason: string('What happened, in one word.'),
  status: required(string('True, False or Unknown.')),
  type: required(string('Which fact it is.')),
})

export const namespaceV1 = object('Namespace is a scope for names.', {
  spec: object('What the namespace waits for.', {
    finalizers: array('Who must agree before the namespace is gone.', string('One of them.'), {
      'x-kubernetes-list-type': 'atomic',
    }),
  }),
  status: object('Where the namespace is in its life.', {
    conditions: array('Observed facts, one of each type.', condition, {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    }),
    phase: string('Active or Terminating.'),
  }),
})
