import { defineKind } from '../../../apiserver/registry/kind.ts'
import { type Infer, integer, object, oneOf, required, string } from '../../../machinery/schema/builder.ts'
import { placeOn } from '../../verbs/places.ts'
import { verbKind } from '../../verbs/verb-kind.ts'

const spec = object('Of which state of the object it is asked.', {
  generation: required(integer('Its metadata.generation.', { format: 'int64' })),
  uid: required(string('Its metadata.uid.')),
})

const status = object('The answer.', {
  verdict: required(
    oneOf('Superseded: the object is not the newest; what holds for another one may not hold for it.', [
      'Yes',
      'No',
      'Superseded',
    ]),
  ),
  why: string('What is missing, and what would help.'),
})

export type ExternalSecretUseReviewSpec = Infer<typeof spec>
export type ExternalSecretUseReviewStatus = Infer<typeof status>

/**
 * Asked by the process that synchronizes, where that is another one than the one that serves: who was admitted when the
 * spec was written is known to the server alone.
 */
export const externalSecretUseReview = defineKind(
  verbKind({
    kind: 'ExternalSecretUseReview',
    plural: 'externalsecretusereviews',
    schema: object('ExternalSecretUseReview asks whether an ExternalSecret may go on using its stores.', {
      spec: required(spec),
      status,
    }),
    at: [placeOn('externalsecrets', 'usereview')],
  }),
)
