import { object, oneOf, required, string } from '../../machinery/schema/builder.ts'
import { objectName } from './name-schemas.ts'

const storeKinds = ['SecretStore', 'ClusterSecretStore'] as const

export const storeRef = object('The store that the values come from.', {
  kind: oneOf('The kind of the store; SecretStore when absent.', storeKinds),
  name: objectName('The name of the store.'),
})

const generatorRef = object('The generator that makes the values.', {
  apiVersion: string('The API version of the generator.', { default: 'generators.external-secrets.io/v1alpha1' }),
  kind: required(
    oneOf('The kind of the generator.', [
      'ACRAccessToken',
      'BeyondtrustWorkloadCredentialsDynamicSecret',
      'ClusterGenerator',
      'CloudsmithAccessToken',
      'ECRAuthorizationToken',
      'Fake',
      'GCRAccessToken',
      'GithubAccessToken',
      'GitlabDeployToken',
      'QuayAccessToken',
      'Password',
      'SSHKey',
      'STSSessionToken',
      'UUID',
      'VaultDynamicSecret',
      'Webhook',
      'Grafana',
      'MFA',
    ]),
  ),
  name: required(objectName('The name of the generator.')),
})

export const sourceRef = object(
  'Another source than spec.secretStoreRef for this entry.',
  { generatorRef, storeRef },
  { minProperties: 1, maxProperties: 1 },
)
