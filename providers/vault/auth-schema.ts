import { array, integer, object, required, string, type Infer } from '../../machinery/schema/builder.ts'
import { awsAuthFields } from '../aws-identity/auth.ts'
import { secretKey, serviceAccount } from '../selectors.ts'

const iamAuth = object("With an AWS identity: without secretRef and jwt, the process's own.", {
  ...awsAuthFields,
  path: string('The mount of the auth method; aws when absent.'),
  region: string('The AWS region; us-east-1 when absent.'),
  role: string('The AWS role to assume first.'),
  externalID: string('The external ID for assuming it.'),
  vaultRole: required(string('The Vault role to log in as.')),
  vaultAwsIamServerID: string('The value of the header X-Vault-AWS-IAM-Server-ID.'),
})

export type IamAuth = Infer<typeof iamAuth>

/** Every way to log in that the API knows. Those that are not served are refused by spec.ts, but keep their form. */
export const authSchema = object('How to log in; without it requests carry no token (an agent or proxy adds one).', {
  namespace: string('The Vault namespace to log in at, when it is not that of the secrets.'),
  tokenSecretRef: secretKey('The Secret key that holds a token.'),
  appRole: object('With an AppRole.', {
    path: required(string('The mount of the auth method.', { default: 'approle' })),
    roleId: string('The role ID.'),
    roleRef: secretKey('The Secret key that holds the role ID instead.'),
    secretRef: required(secretKey('The Secret key that holds the secret ID.')),
  }),
  kubernetes: object("With a ServiceAccount's token.", {
    mountPath: required(string('The mount of the auth method.', { default: 'kubernetes' })),
    role: required(string('The Vault role to log in as.')),
    serviceAccountRef: serviceAccount(
      "The ServiceAccount a token is requested for; without it and secretRef, the process's own counts.",
    ),
    secretRef: secretKey('The Secret key that holds a token instead; the key defaults to token.'),
  }),
  userPass: object('With a user name and a password.', {
    path: required(string('The mount of the auth method.', { default: 'userpass' })),
    username: required(string('The user name.')),
    secretRef: secretKey('The Secret key that holds the password.'),
  }),
  ldap: object('With an LDAP user.', {
    path: required(string('The mount of the auth method.', { default: 'ldap' })),
    username: required(string('The user name.')),
    secretRef: secretKey('The Secret key that holds the password.'),
  }),
  jwt: object('With a JSON Web Token.', {
    path: required(string('The mount of the auth method.', { default: 'jwt' })),
    role: string('The Vault role to log in as.'),
    secretRef: secretKey('The Secret key that holds the token.'),
    kubernetesServiceAccountToken: object('A token requested for a ServiceAccount instead.', {
      serviceAccountRef: required(serviceAccount('The ServiceAccount.')),
      audiences: array('Audiences the token is for; vault when absent.', string('One audience.')),
      expirationSeconds: integer('How long the token lives, in seconds; 600 when absent.', { format: 'int64' }),
    }),
  }),
  cert: object('With a client certificate, which every connection then shows.', {
    path: string('The mount of the auth method.', { default: 'cert' }),
    clientCert: secretKey('The Secret key that holds the certificate in PEM.'),
    secretRef: secretKey('The Secret key that holds its private key in PEM.'),
    vaultRole: string('The certificate role to log in as.'),
  }),
  iam: iamAuth,
  gcp: object('With a Google Cloud identity. Not served yet.', {
    path: string('The mount of the auth method.', { default: 'gcp' }),
    role: required(string('The Vault role to log in as.')),
    projectID: string('The Google Cloud project.'),
    location: string('The location of the project.'),
    secretRef: object("A service account's key.", {
      secretAccessKeySecretRef: secretKey('The Secret key that holds it.'),
    }),
    serviceAccountRef: serviceAccount('The ServiceAccount of the cluster that stands for the Google one.'),
    workloadIdentity: object('Workload identity of the cluster.', {
      serviceAccountRef: required(serviceAccount('The ServiceAccount.')),
      clusterName: string('The name of the cluster.'),
      clusterLocation: string('The location of the cluster.'),
      clusterProjectID: string('The project of the cluster.'),
    }),
  }),
})

export type VaultAuth = Infer<typeof authSchema>
