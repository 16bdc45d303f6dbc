import type { FieldError } from '../../machinery/field-error.ts'
import { object, oneOf, required, string, type Infer } from '../../machinery/schema/builder.ts'
import type { ProviderSpec } from '../provider.ts'
import { referent } from '../selector-rules.ts'
import { caSource, secretKey } from '../selectors.ts'

const appRole = object(
  'With an AppRole.',
  {
    path: required(string('The mount of the auth method.', { default: 'approle' })),
    roleId: string('The role ID.', { minLength: 1 }),
    roleRef: secretKey('The Secret key that holds the role ID instead.'),
    secretRef: required(secretKey('The Secret key that holds the secret ID.')),
  },
  { 'x-kubernetes-validations': [exactlyOneOf('roleId', 'roleRef')] },
)

const auth = object(
  'How to log in; without it requests carry no token (an agent or proxy adds one).',
  {
    namespace: string('The namespace to log in at, when it is not that of the secrets.'),
    tokenSecretRef: secretKey('The Secret key that holds a token.'),
    appRole,
    userPass: object('With a user name and a password.', {
      path: required(string('The mount of the auth method.', { default: 'userpass' })),
      username: required(string('The user name.')),
      secretRef: secretKey('The Secret key that holds the password.'),
    }),
  },
  {
    'x-kubernetes-validations': [exactlyOneOf('appRole', 'tokenSecretRef', 'userPass')],
  },
)

const schema = object(
  'OpenBao, secrets engine KV version 1 or 2.',
  {
    server: required(string('The address of the server, https://host:port.')),
    path: string('The mount of the secrets engine; kv when absent.'),
    version: oneOf('The version of the KV secrets engine.', ['v1', 'v2'], { default: 'v2' }),
    namespace: string('The namespace the secrets are in.'),
    auth,
    caBundle: string('The CA certificates the server is trusted by, PEM in base64.', { format: 'byte' }),
    caProvider: caSource('Where the CA certificates are found instead.'),
  },
  {
    'x-kubernetes-validations': [atMostOneOf('caBundle', 'caProvider')],
  },
)

export type OpenBaoSpec = Infer<typeof schema>

export const openBaoSpec: ProviderSpec<OpenBaoSpec> = {
  name: 'openBao',
  schema,
  validate: ({ auth }, store): FieldError[] => [
    ...referent(auth?.tokenSecretRef, 'auth.tokenSecretRef', store),
    ...referent(auth?.appRole?.roleRef, 'auth.appRole.roleRef', store),
    ...referent(auth?.appRole?.secretRef, 'auth.appRole.secretRef', store),
    ...referent(auth?.userPass?.secretRef, 'auth.userPass.secretRef', store),
  ],
  statusCapabilities: 'ReadOnly',
}

/** Rules and words of the original. */
function exactlyOneOf(...names: readonly string[]) {
  return {
    message: `exactly one of the fields in [${names.join(' ')}] must be set`,
    rule: `${countOf(names)} == 1`,
  }
}

function atMostOneOf(...names: readonly string[]) {
  return {
    message: `at most one of the fields in [${names.join(' ')}] may be set`,
    rule: `${countOf(names)} <= 1`,
  }
}

function countOf(names: readonly string[]): string {
  return `[${names.map((name) => `has(self.${name})`).join(',')}].filter(x,x==true).size()`
}
