import type { KubeObject } from '../../../machinery/object.ts'
import { array, object, required, string, type Infer, type Typed } from '../../../machinery/schema/builder.ts'
import { condition } from '../../shared/condition.ts'

const spec = object('What has to be given back, and when.', {
  garbageCollectionDeadline: string('When it is given back; not yet when absent.', { format: 'date-time' }),
  resource: required(anything('The generator as it was.')),
  state: required(anything('What the generator needs to give it back.')),
})

export type GeneratorState = KubeObject & { readonly spec: Infer<typeof spec> }

const status = object('How far it is.', { conditions: array('Observed facts, one of each type.', condition) })

/** What a generator made outside, so that it can be given back. */
export const generatorStateV1alpha1 = object('What a generator made outside.', { spec, status })

function anything(description: string): Typed<unknown> {
  return { description, 'x-kubernetes-preserve-unknown-fields': true }
}
