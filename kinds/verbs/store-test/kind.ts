import { defineKind } from '../../../apiserver/registry/kind.ts'
import { array, boolean, type Infer, object, oneOf, required, string } from '../../../machinery/schema/builder.ts'
import { placesOnStores } from '../places.ts'
import { verbKind } from '../verb-kind.ts'

const spec = object('What to try besides the login.', {
  remoteKeys: array('Remote secrets to read.', string('The name of one remote secret.'), { maxItems: 10 }),
})

const check = object('One thing that was tried.', {
  message: string('What came of it, in words.'),
  remoteKey: string('The remote secret that was read.'),
  result: required(oneOf('What came of it, in one word.', ['Passed', 'Failed', 'Unknown'])),
  what: required(
    oneOf('Login: the credentials are there and taken; Validate: what the provider says of them; Read: one secret.', [
      'Login',
      'Validate',
      'Read',
    ]),
  ),
})

const status = object('The answer.', {
  can: array(
    'What the provider is used for here, where the credentials allow it.',
    oneOf('One of them.', ['read', 'find', 'push', 'delete']),
  ),
  checks: array('What was tried, in order; the first failure of login or validation ends it.', check),
  usable: required(boolean('Whether the store can be used.')),
})

export type StoreTestSpec = Infer<typeof spec>
export type StoreTestStatus = Infer<typeof status>
export type StoreCheck = Infer<typeof check>

/** What the credentials of a store can do. Its status stays as it is. */
export const storeTest = defineKind(
  verbKind({
    kind: 'StoreTest',
    plural: 'storetests',
    schema: object('StoreTest asks what the credentials of a store can do.', { spec, status }),
    at: placesOnStores('test'),
  }),
)
