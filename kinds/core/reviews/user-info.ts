import { array, map, object, string } from '../../../machinery/schema/builder.ts'

export const userInfo = object('Who it is.', {
  extra: map('What else is known.', array('Values.', string('One value.'))),
  groups: array('The groups.', string('One group.')),
  uid: string('The UID.'),
  username: string('The name.'),
})
