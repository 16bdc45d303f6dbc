import { forbiddenField, invalidField, type FieldError } from '../../machinery/field-error.ts'
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
import { awsAuth, awsAuthErrors } from '../aws-identity/auth.ts'
import { isRegion, regionRule } from '../aws-identity/region.ts'
import type { ProviderSpec } from '../provider.ts'

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
  auth: awsAuth,
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
    ...awsAuthErrors(spec.auth ?? {}, 'auth', store),
  ],
  statusCapabilities: 'ReadWrite',
}

function serviceErrors({ service }: AwsSpec): FieldError[] {
  if (service !== 'CertificateManager') return []
  return [forbiddenField('service', `${service} is not served yet; served: SecretsManager, ParameterStore`)]
}

function regionErrors({ region }: AwsSpec): FieldError[] {
  return isRegion(region) ? [] : [invalidField('region', region, regionRule)]
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
