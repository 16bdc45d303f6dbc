import { integer, object, oneOf, required, string, type Infer } from '../../../machinery/schema/builder.ts'
import { awsAuth } from '../../aws-identity/auth.ts'
import { secretKey, serviceAccount } from '../../selectors.ts'

/** Generators that ask a cloud for credentials. */

export const ecrAuthorizationToken = object('A login for a registry of AWS.', {
  region: required(string('The AWS region.')),
  auth: awsAuth,
  role: string('The ARN of the role that is assumed first.'),
  scope: string('private or public registries; private when absent.'),
})

export const stsSessionToken = object('Temporary credentials of AWS.', {
  region: required(string('The AWS region.')),
  auth: awsAuth,
  role: string('The ARN of the role that is assumed first.'),
  requestParameters: object('What the session is asked for with.', {
    serialNumber: string('The serial number of the MFA device.'),
    sessionDuration: integer('Seconds the session lasts.', { format: 'int32' }),
    tokenCode: string('The code of the MFA device.'),
  }),
})

export const gcrAccessToken = object('A login for a registry of Google Cloud.', {
  projectID: required(string('The project.')),
  auth: required(
    object('How to log in.', {
      secretRef: object('With a key.', { secretAccessKeySecretRef: secretKey('The Secret key that holds it.') }),
      workloadIdentity: object('With the workload identity of a cluster.', {
        serviceAccountRef: required(serviceAccount('The ServiceAccount.')),
        clusterLocation: required(string('The location of the cluster.')),
        clusterName: required(string('The name of the cluster.')),
        clusterProjectID: string('The project of the cluster.'),
      }),
      workloadIdentityFederation: object('With the identity of another provider. Not served yet.', {
        audience: string('The audience of the token.'),
        awsSecurityCredentials: object('With credentials of AWS.', {
          awsCredentialsSecretRef: required(credentialsSecret('The Secret that holds them.')),
          region: required(string('The AWS region.', { minLength: 1, maxLength: 50, pattern: '^[a-z0-9-]+$' })),
        }),
        credConfig: credentialsConfig(),
        externalTokenEndpoint: string('The address that gives tokens.'),
        gcpServiceAccountEmail: string('The service account to act as.', {
          minLength: 1,
          pattern: '^.*@.*\\.iam\\.gserviceaccount\\.com$',
        }),
        serviceAccountRef: serviceAccount('The ServiceAccount.'),
      }),
    }),
  ),
})

export const acrAccessToken = object('A login for a registry of Azure.', {
  registry: required(string('The host of the registry.')),
  auth: required(
    object('How to log in: one way.', {
      managedIdentity: object('With a managed identity.', { identityId: string('The ID of the identity.') }),
      servicePrincipal: object('With a service principal.', {
        secretRef: required(
          object('Its credentials.', {
            clientId: secretKey('The Secret key that holds the client ID.'),
            clientSecret: secretKey('The Secret key that holds the client secret.'),
          }),
        ),
      }),
      workloadIdentity: object('With a workload identity.', {
        serviceAccountRef: serviceAccount('The ServiceAccount.'),
      }),
    }),
  ),
  environmentType: oneOf(
    'The cloud.',
    ['PublicCloud', 'USGovernmentCloud', 'ChinaCloud', 'GermanCloud', 'AzureStackCloud'],
    { default: 'PublicCloud' },
  ),
  scope: string('What the token may do; a refresh token when absent.'),
  tenantId: string('The tenant.'),
})

/** As secretKey, but for what must be there. */
function credentialsSecret(description: string) {
  const { properties } = secretKey(description)
  const [name, namespace] = [string('The name of the Secret.'), string('The namespace it is in.')]
  return object(description, {
    name: required({ ...name, ...properties?.['name'] }),
    namespace: { ...namespace, ...properties?.['namespace'] },
  })
}

function credentialsConfig() {
  const { properties } = secretKey('')
  const [name, key] = [string('The name of the ConfigMap.'), string('The key inside it.')]
  const namespace = string('The namespace it is in.')
  return object('A credential configuration.', {
    name: required({ ...properties?.['name'], ...name }),
    key: required({ ...properties?.['key'], ...key }),
    namespace: { ...properties?.['namespace'], ...namespace },
  })
}

export type EcrAuthorizationTokenSpec = Infer<typeof ecrAuthorizationToken>
export type StsSessionTokenSpec = Infer<typeof stsSessionToken>
export type GcrAccessTokenSpec = Infer<typeof gcrAccessToken>
export type AcrAccessTokenSpec = Infer<typeof acrAccessToken>
