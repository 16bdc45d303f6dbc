import { forbiddenField, invalidField, requiredField, type FieldError } from '../../machinery/field-error.ts'
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
} from '../../machinery/schema/builder.ts'
import type { ProviderSpec, StoreScope } from '../provider.ts'
import { referent } from '../selector-rules.ts'
import { secretKey, serviceAccount } from '../selectors.ts'

const reservedTags = "!('esoNamespace' in self) && !('esoStoreName' in self) && !('esoStoreKind' in self)"

const reservedTagsText =
  'customSessionTags cannot contain automatically injected reserved keys: esoNamespace, esoStoreName, esoStoreKind'

const schema = object('Amazon Web Services: Secrets Manager and Parameter Store.', {
  service: required(
    oneOf('The service to read from. Served are SecretsManager and ParameterStore.', [
      'SecretsManager',
      'ParameterStore',
      'CertificateManager',
    ]),
  ),
  region: required(string('The AWS region, such as eu-central-1.')),
  prefix: string('Put before every key as it stands.'),
  auth: object('How to log in.', {
    secretRef: object('With static credentials.', {
      accessKeyIDSecretRef: secretKey('The Secret key that holds the access key ID.'),
      secretAccessKeySecretRef: secretKey('The Secret key that holds the secret access key.'),
      sessionTokenSecretRef: secretKey('The Secret key that holds the session token of temporary credentials.'),
    }),
    jwt: object('With the IAM role of a ServiceAccount; counts before secretRef.', {
      serviceAccountRef: serviceAccount('The ServiceAccount that is annotated with the role.'),
    }),
  }),
  role: string('The ARN of the role that is assumed before anything is read.'),
  additionalRoles: array('Roles that are assumed one after the other before `role`.', string('The ARN of one role.')),
  externalID: string('The external ID for assuming `role`.'),
  sessionTags: array(
    'Session tags for assuming `role`. Replaced by sessionTagsPolicy.',
    object('One tag.', {
      key: required(string('Its key.')),
      value: required(string('Its value.')),
    }),
  ),
  sessionTagsPolicy: oneOf(
    'Which tags the session of `role` carries: Simple names namespace and store, Custom adds customSessionTags.',
    ['None', 'Simple', 'Custom'],
    { default: 'None' },
  ),
  customSessionTags: map('Session tags for the policy Custom.', string('The value of one tag.'), {
    'x-kubernetes-validations': [
      {
        rule: reservedTags,
        message: reservedTagsText,
      },
    ],
  }),
  transitiveTagKeys: array('Keys of session tags that further roles inherit.', string('One key.')),
  secretsManager: object('How secrets are deleted.', {
    recoveryWindowInDays: integer('Days in which a deleted secret can be restored: 7 to 30.', { format: 'int64' }),
    forceDeleteWithoutRecovery: boolean('Deletes at once, without a way back.'),
  }),
})

export type AwsSpec = Infer<typeof schema>

export const awsSpec: ProviderSpec<AwsSpec> = {
  name: 'aws',
  schema,
  validate: (spec, store) => [
    ...serviceErrors(spec),
    ...regionErrors(spec),
    ...recoveryErrors(spec),
    ...authErrors(spec, store),
  ],
  statusCapabilities: 'ReadWrite',
}

function serviceErrors({ service }: AwsSpec): FieldError[] {
  if (service !== 'CertificateManager') return []
  return [forbiddenField('service', `${service} is not served yet; served: SecretsManager, ParameterStore`)]
}

/** The region becomes a label of the host that is called. */
function regionErrors({ region }: AwsSpec): FieldError[] {
  if (/^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(region)) return []
  return [invalidField('region', region, 'must be an AWS region, such as eu-central-1')]
}

function recoveryErrors({ secretsManager }: AwsSpec): FieldError[] {
  const days = secretsManager?.recoveryWindowInDays ?? 0
  const field = 'secretsManager.recoveryWindowInDays'
  if (days === 0) return []
  if (secretsManager?.forceDeleteWithoutRecovery === true) {
    return [forbiddenField(field, 'must not be used together with forceDeleteWithoutRecovery')]
  }
  return days >= 7 && days <= 30 ? [] : [invalidField(field, days, 'must be between 7 and 30 days')]
}

function authErrors({ auth }: AwsSpec, store: StoreScope): FieldError[] {
  const { jwt, secretRef: selectors } = auth ?? {}
  const account = 'auth.jwt.serviceAccountRef'
  if (jwt !== undefined && jwt.serviceAccountRef === undefined) return [requiredField(account)]
  const jwtErrors = referent(jwt?.serviceAccountRef, account, store)
  const field = 'auth.secretRef'
  if (selectors === undefined) {
    const text = `the process's own AWS identity is not served yet; give static credentials, or ${account}`
    return jwt === undefined ? [requiredField(field, text)] : jwtErrors
  }
  return [
    ...jwtErrors,
    ...referent(selectors.accessKeyIDSecretRef, `${field}.accessKeyIDSecretRef`, store),
    ...referent(selectors.secretAccessKeySecretRef, `${field}.secretAccessKeySecretRef`, store),
    ...referent(selectors.sessionTokenSecretRef, `${field}.sessionTokenSecretRef`, store),
  ]
}
