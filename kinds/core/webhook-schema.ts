import type { Validation } from '../../apiserver/registry/kind.ts'
import { invalidField } from '../../machinery/field-error.ts'
import { array, integer, object, oneOf, required, string, type Typed } from '../../machinery/schema/builder.ts'
import { failurePolicy, labelSelector, matchConditions, matchPolicy, rules } from './admission-parts.ts'

const clientConfig = object('How the webhook is reached.', {
  url: string('Its https URL.'),
  service: object('Its service.', {
    namespace: required(string('Where the service is.')),
    name: required(string('What it is called.')),
    path: string('The path of the URL.'),
    port: integer('The port of the service.', { format: 'int32', default: 443 }),
  }),
  caBundle: string('Whom to trust there, PEM.', { format: 'byte' }),
})

const webhook = {
  name: required(string('A name with at least two dots.', { minLength: 1 })),
  clientConfig: required(clientConfig),
  rules,
  failurePolicy,
  matchPolicy,
  namespaceSelector: labelSelector,
  objectSelector: labelSelector,
  sideEffects: required(oneOf('What else it does.', ['None', 'NoneOnDryRun'])),
  timeoutSeconds: integer('How long it may take.', { format: 'int32', default: 10 }),
  admissionReviewVersions: required(
    array('The versions of AdmissionReview that it speaks.', string('v1 or v1beta1.'), {
      minItems: 1,
      'x-kubernetes-list-type': 'atomic',
    }),
  ),
  matchConditions,
}

/** A webhook that takes longer would hold up every write. */
export const timeouts: Validation = {
  name: 'timeouts',
  judges: 'object',
  check: (object) => {
    const webhooks = (object['webhooks'] ?? []) as readonly { readonly timeoutSeconds?: number }[]
    const errors = webhooks.flatMap(({ timeoutSeconds: seconds = 10 }, index) => {
      if (seconds >= 1 && seconds <= 30) return []
      const why = 'the timeout value must be between 1 and 30 seconds'
      return [invalidField(`webhooks[${index}].timeoutSeconds`, seconds, why)]
    })
    return { errors }
  },
}

/** A configuration: `more` is what mutating webhooks have beside. */
export function webhooksSchema(description: string, more: Readonly<Record<string, Typed<unknown>>>): Typed<unknown> {
  return object(description, {
    webhooks: array('The webhooks, in order.', object('A webhook.', { ...webhook, ...more }), {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
  })
}
