import { object, oneOf, required, string } from '../../machinery/schema/builder.ts'

const members = {
  lastTransitionTime: string('When the status of the condition last changed.', { format: 'date-time' }),
  message: string('What happened, in words.'),
  reason: string('What happened, in one word.'),
  status: required(string('True, False or Unknown.')),
}

export const condition = object('One observed fact about the object.', {
  ...members,
  type: required(string('Which fact it is.')),
})

export const externalSecretCondition = object('One observed fact about the object.', {
  ...members,
  type: required(oneOf('Which fact it is.', ['Ready', 'Deleted'])),
})
