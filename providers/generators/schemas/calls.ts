import {
  array,
  boolean,
  integer,
  map,
  object,
  oneOf,
  required,
  string,
  type Infer,
  type Typed,
} from '../../../machinery/schema/builder.ts'
import { secretKey } from '../../selectors.ts'
import type { VaultSpec } from '../../vault/spec.ts'
import { vaultSpec } from '../../vault/spec.ts'
import { callFields } from '../../webhook/call-schema.ts'
import { ownSecretKey } from './forges.ts'

/** Generators that make a call as a provider does. */

export const webhook = object('What any HTTP endpoint answers.', {
  ...callFields,
  result: required(callFields.result),
  secrets: array(
    'Secrets whose keys the templates see, each under its name.',
    object('One Secret.', {
      name: required(string('What templates call it.')),
      secretRef: required(ownSecretKey('The Secret. It carries the label external-secrets.io/type: webhook.')),
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

const anything: Typed<unknown> = {
  description: 'What is sent with a write.',
  'x-kubernetes-preserve-unknown-fields': true,
}

export const vaultDynamicSecret = object('What a path of Vault or OpenBao answers.', {
  controller: string('The class of the controller that is to serve this generator; all when absent.'),
  provider: required(vaultSpec.schema as Typed<VaultSpec>),
  path: required(string('The path to call.')),
  method: string('The method: GET, LIST, DELETE or a write; GET when absent.'),
  parameters: anything,
  getParameters: map('What is sent with a GET.', array('The values of one parameter.', string('One value.'))),
  resultType: oneOf('Which part of the answer counts.', ['Data', 'Auth', 'Raw'], { default: 'Data' }),
  allowEmptyResponse: boolean('An answer without content is no error.', { default: false }),
  retrySettings: object('How calls are repeated.', {
    maxRetries: integer('How often.', { format: 'int32' }),
    retryInterval: string('How long to wait in between, as in 10s.'),
  }),
})

export type WebhookGeneratorSpec = Infer<typeof webhook>
export type VaultDynamicSecretSpec = Infer<typeof vaultDynamicSecret>
