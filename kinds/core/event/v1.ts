import type { KubeObject } from '../../../machinery/object.ts'
import {
  described,
  type Infer,
  integer,
  nullable,
  object,
  required,
  string,
} from '../../../machinery/schema/builder.ts'

export type Event = KubeObject & Infer<typeof eventV1>

const time = { format: 'date-time' } as const

const objectReference = object(
  'An object.',
  {
    apiVersion: string('The API version of the object.'),
    fieldPath: string('The part of the object.'),
    kind: string('The kind of the object.'),
    name: string('The name of the object.'),
    namespace: string('The namespace of the object.'),
    resourceVersion: string('The revision of the object.'),
    uid: string('The UID of the object.'),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const eventV1 = object('Event tells what happened to an object; it vanishes after some time.', {
  action: string('What was done.'),
  count: integer('How often it happened.', { format: 'int32' }),
  eventTime: nullable(string('When it happened first, to the microsecond.', time)),
  firstTimestamp: nullable(string('When it happened first.', time)),
  involvedObject: required(described('The object that it happened to.', objectReference)),
  lastTimestamp: nullable(string('When it happened last.', time)),
  message: string('What happened, in words.'),
  reason: string('What happened, in one word.'),
  related: described('Another object that has to do with it.', objectReference),
  reportingComponent: string('Which program tells it.', { default: '' }),
  reportingInstance: string('Which instance of the program.', { default: '' }),
  series: object('How often it happened in a row.', {
    count: integer('How often.', { format: 'int32' }),
    lastObservedTime: nullable(string('When last, to the microsecond.', time)),
  }),
  source: object('Which program tells it, in the old form.', {
    component: string('The program.'),
    host: string('The node that the program runs on.'),
  }),
  type: string('Normal or Warning.'),
})
