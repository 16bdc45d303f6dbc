import {
  array,
  boolean,
  integer,
  intOrString,
  map,
  object,
  oneOf,
  required,
  string,
} from '../../../machinery/schema/builder.ts'
import type { Infer } from '../../../machinery/schema/builder.ts'

const part = object('A part of the widget.', {
  name: required(string('The name of the part; unique in the widget.', { minLength: 1 })),
  value: string('What the part is.'),
})

const condition = object('One observed fact about the widget.', {
  type: required(string('Which fact it is.')),
  status: required(oneOf('Whether it holds.', ['True', 'False', 'Unknown'])),
  reason: string('Why, in one word.'),
  message: string('Why, in words.'),
  lastTransitionTime: string('When the status of the condition last changed.', { format: 'date-time' }),
})

const spec = object('What the widget shall be.', {
  size: integer('How large the widget is.', { format: 'int32', minimum: 0, maximum: 1000 }),
  serial: integer('A number of 64 bits.', { format: 'int64' }),
  color: string('Which color the widget has. It stays as it is.', {
    maxLength: 32,
    'x-kubernetes-validations': [
      {
        rule: 'self == oldSelf',
        messageExpression: "'the color stays ' + oldSelf",
        reason: 'FieldValueForbidden',
      },
    ],
  }),
  owner: string('To whom the widget belongs.', { maxLength: 64, pattern: '^[a-z0-9-]*$' }),
  mode: oneOf('How the widget works.', ['Auto', 'Manual'], { default: 'Auto' }),
  isLocked: boolean('Whether the widget refuses to work.', { nullable: true }),
  port: intOrString('A port by number or name.'),
  tags: array('Words for the widget, each once.', string('A word.'), { 'x-kubernetes-list-type': 'set' }),
  steps: array('What the widget does, in order.', string('One step.'), { maxItems: 10 }),
  parts: array('Of what the widget consists.', part, {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  }),
  settings: map('Free settings by name.', string('A setting.')),
})

export const widgetV1 = object('A thing to test the API server with.', {
  spec,
  status: object('What the widget is.', {
    phase: string('In which state the widget is.'),
    observedGeneration: integer('The generation that the status is about.', { format: 'int64' }),
    conditions: array('What is known about the widget.', condition, {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    }),
  }),
})

export type Widget = Infer<typeof widgetV1>
