import { forbiddenField, invalidField, requiredField, type FieldError } from '../../machinery/field-error.ts'
import { parseGoDuration } from '../../machinery/duration.ts'
import { array, object, required, string, type Infer } from '../../machinery/schema/builder.ts'
import type { ProviderSpec, StoreScope } from '../provider.ts'
import { referent } from '../selector-rules.ts'
import { secretKey } from '../selectors.ts'
import { callFields, type CallSpec } from './call-schema.ts'

const schema = object('Any HTTP endpoint that answers a call with a value.', {
  ...callFields,
  secrets: array(
    'Secrets whose keys the templates see, each under its name.',
    object('One Secret.', {
      name: required(string('What templates call it.')),
      secretRef: required(secretKey('The Secret. It carries the label external-secrets.io/type: webhook.')),
    }),
  ),
  auth: object(
    'How to log in beyond headers.',
    {
      ntlm: object('With NTLM. Not served yet.', {
        usernameSecret: required(secretKey('The Secret key that holds the user name.')),
        passwordSecret: required(secretKey('The Secret key that holds the password.')),
      }),
    },
    { minProperties: 1, maxProperties: 1 },
  ),
})

export type WebhookSpec = Infer<typeof schema>

export const webhookSpec: ProviderSpec<WebhookSpec> = {
  name: 'webhook',
  schema,
  validate: (spec, store) => [...callErrors(spec), ...authErrors(spec), ...secretErrors(spec, store)],
  statusCapabilities: 'ReadWrite',
}

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** What no call can be made with, whoever asks for it. */
function callErrors({ method, timeout }: CallSpec): FieldError[] {
  const known = method === undefined || method === '' || methods.some((one) => one === method.toUpperCase())
  const duration = timeout === undefined ? 0 : parseGoDuration(timeout)
  return [
    ...(known ? [] : [invalidField('method', method, `must be one of ${methods.join(', ')}`)]),
    ...(duration !== undefined && duration >= 0 ? [] : [invalidField('timeout', timeout ?? '', 'must be as in 10s')]),
  ]
}

function authErrors({ auth }: WebhookSpec): FieldError[] {
  return auth?.ntlm === undefined ? [] : [forbiddenField('auth.ntlm', 'this way to log in is not served yet')]
}

/** A ClusterSecretStore says where its Secrets lie: the original never looks in the consumer's namespace. */
function secretErrors({ secrets = [] }: WebhookSpec, store: StoreScope): FieldError[] {
  return secrets.flatMap(({ secretRef }, index) => {
    const field = `secrets[${index}].secretRef`
    if (store.kind === 'ClusterSecretStore' && secretRef.namespace === undefined) {
      return [requiredField(`${field}.namespace`, 'cluster scope requires namespace')]
    }
    return referent(secretRef, field, store)
  })
}
