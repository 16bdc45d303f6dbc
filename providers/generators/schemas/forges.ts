import { array, integer, map, object, oneOf, required, string, type Infer } from '../../../machinery/schema/builder.ts'
import { caSource, secretKey, serviceAccount } from '../../selectors.ts'

/** Generators that ask a forge, a registry or another service for tokens. */

export const githubAccessToken = object('A token of a GitHub App.', {
  url: string('The address of the API; that of github.com when absent.'),
  appID: required(string('The ID of the app.')),
  installID: required(string('The ID of its installation.')),
  repositories: array('Repositories the token is for; all when absent.', string('One name.')),
  permissions: map('What the token may do; all the app may when absent.', string('read or write.')),
  auth: required(
    object('How to log in.', {
      privateKey: required(
        object('With the key of the app.', { secretRef: required(secretKey('The Secret key that holds it.')) }),
      ),
    }),
  ),
})

const gitlabScopes = [
  'read_repository',
  'read_registry',
  'write_registry',
  'read_package_registry',
  'write_package_registry',
  'read_virtual_registry',
  'write_virtual_registry',
] as const

export const gitlabDeployToken = object(
  'A deploy token of a project or group of GitLab.',
  {
    url: string('The address of the API; that of gitlab.com when absent.'),
    projectID: string('The project.', { minLength: 1 }),
    groupID: string('The group instead.', { minLength: 1 }),
    name: required(string('The name of the token.', { minLength: 1 })),
    username: string('The user name of the token.'),
    expiresAt: string('When the token ends.', { format: 'date-time' }),
    scopes: required(array('What it may do.', oneOf('One right.', gitlabScopes), { minItems: 1 })),
    auth: required(
      object('How to log in.', {
        token: required(object('With a token.', { secretRef: required(secretKey('The Secret key that holds it.')) })),
      }),
    ),
  },
  {
    'x-kubernetes-validations': [
      { rule: 'has(self.projectID) != has(self.groupID)', message: 'exactly one of projectID or groupID must be set' },
    ],
  },
)

export const quayAccessToken = object('A token of a robot account of Quay.', {
  url: string('The host; quay.io when absent.'),
  robotAccount: required(string('The robot account.')),
  serviceAccountRef: required(serviceAccount('The ServiceAccount that it trusts.')),
})

export const cloudsmithAccessToken = object('A token of Cloudsmith.', {
  apiUrl: string('The address of the API.'),
  orgSlug: required(string('The organization.')),
  serviceSlug: required(string('The service.')),
  serviceAccountRef: required(serviceAccount('The ServiceAccount that it trusts.')),
})

export const grafana = object('A token of a service account of Grafana.', {
  url: required(string('The address of Grafana.')),
  auth: required(
    object('How to log in.', {
      basic: object('With a user name and a password.', {
        username: required(string('The user name.')),
        password: required(ownSecretKey('The Secret key that holds the password.')),
      }),
      token: ownSecretKey('The Secret key that holds a token.'),
    }),
  ),
  serviceAccount: required(
    object('The service account, which is made where it is not there.', {
      name: required(string('Its name.')),
      role: required(string('Its role.')),
      secondsToLive: integer('How long a token lives.', { format: 'int64', minimum: 1 }),
    }),
  ),
})

export const beyondtrustDynamicSecret = object('Dynamic credentials of BeyondTrust.', {
  controller: string('The class of the controller that is to serve this generator; all when absent.'),
  provider: required(
    object('The server.', {
      auth: required(
        object('How to log in.', {
          apikey: required(object('With a key.', { token: required(secretKey('The Secret key that holds it.')) })),
        }),
      ),
      caBundle: string('The CA certificates the server is trusted by, PEM in base64.', { format: 'byte' }),
      caProvider: caSource('Where the CA certificates are found instead.'),
      folderPath: string('The folder and the name of the secret.'),
      server: required(
        object('Where it is.', {
          apiUrl: required(string('The address of the API.')),
          siteId: required(string('The site.')),
        }),
      ),
    }),
  ),
  retrySettings: object('How calls are repeated.', {
    maxRetries: integer('How often.', { format: 'int32' }),
    retryInterval: string('How long to wait in between, as in 10s.'),
  }),
})

/** A Secret key of the own namespace: there is no other to name. */
export function ownSecretKey(description: string) {
  const { properties } = secretKey(description)
  return object(description, {
    name: { ...string('The name of the Secret.'), ...properties?.['name'] },
    key: { ...string('The key inside the Secret.'), ...properties?.['key'] },
  })
}

export type GithubAccessTokenSpec = Infer<typeof githubAccessToken>
export type GitlabDeployTokenSpec = Infer<typeof gitlabDeployToken>
export type QuayAccessTokenSpec = Infer<typeof quayAccessToken>
export type CloudsmithAccessTokenSpec = Infer<typeof cloudsmithAccessToken>
export type GrafanaSpec = Infer<typeof grafana>
export type BeyondtrustDynamicSecretSpec = Infer<typeof beyondtrustDynamicSecret>
