import { forbiddenField, requiredField, type FieldError } from '../../machinery/field-error.ts'
import type { JsonObject, JsonValue } from '../../machinery/object.ts'
import { object, required, string, type Infer } from '../../machinery/schema/builder.ts'
import type { ProviderSpec, StoreScope } from '../provider.ts'
import { named, referent, strict } from '../selector-rules.ts'
import { caSource, namespaceName, secretKey, serviceAccount } from '../selectors.ts'

const bearerToken = secretKey('The Secret key that holds the token.')
const clientCert = secretKey('The Secret key that holds the certificate in PEM.')
const clientKey = secretKey("The Secret key that holds the certificate's private key in PEM.")
const account = serviceAccount('A ServiceAccount of this cluster; a token is requested for it.')
const text = 'Secrets of a Kubernetes cluster: another one, or another namespace of this one.'
const authText = 'How to log in: exactly one way.'

const outer = {
  server: object('The cluster to read from.', {
    url: string('The address of its API server.', { default: 'kubernetes.default' }),
    caBundle: string('The CA certificates it is trusted by, PEM in base64.', { format: 'byte' }),
    caProvider: caSource('Where the CA certificates are found instead.'),
  }),
  authRef: secretKey('A kubeconfig in a Secret; it replaces `server` and `auth`.'),
  remoteNamespace: namespaceName('The namespace the Secrets are in.', 'default'),
}

const onlyOne = { minProperties: 1, maxProperties: 1 }

const schema = object(text, {
  ...outer,
  auth: object(
    authText,
    {
      cert: object('With a client certificate.', { clientCert: required(clientCert), clientKey: required(clientKey) }),
      token: object('With a bearer token.', { bearerToken: required(bearerToken) }),
      serviceAccount: account,
    },
    onlyOne,
  ),
})

const v1beta1 = object(text, {
  ...outer,
  auth: object(
    authText,
    {
      cert: object('With a client certificate.', { clientCert, clientKey }),
      token: object('With a bearer token.', { bearerToken }),
      serviceAccount: account,
    },
    onlyOne,
  ),
})

const v1alpha1 = object(text, {
  ...outer,
  auth: object(
    authText,
    {
      cert: object('With a client certificate.', { clientCert, clientKey }),
      token: object('With a bearer token.', { bearerToken }),
      serviceAccount: object('With a token requested for a ServiceAccount.', { serviceAccount: account }),
    },
    onlyOne,
  ),
})

export type KubernetesSpec = Infer<typeof schema>

export const kubernetesSpec: ProviderSpec<KubernetesSpec> = {
  name: 'kubernetes',
  schema,
  older: {
    v1beta1: { schema: v1beta1, toCurrent: (spec) => spec },
    v1alpha1: { schema: v1alpha1, toCurrent: withFlatAccount, fromCurrent: withNestedAccount },
  },
  validate: (spec, store) => [...serverErrors(spec, store), ...authErrors(spec, store)],
  warnings: (spec) => (hasTrust(spec) ? [] : [noTrustWarning]),
  statusCapabilities: 'ReadWrite',
}

const noTrustWarning = 'No caBundle or caProvider specified; TLS connections will use system certificate roots.'

function hasTrust({ authRef, server }: KubernetesSpec): boolean {
  return authRef !== undefined || server?.caBundle !== undefined || server?.caProvider !== undefined
}

function serverErrors({ server }: KubernetesSpec, store: StoreScope): FieldError[] {
  const source = server?.caProvider
  if (source === undefined) return []
  const field = 'server.caProvider.namespace'
  if (store.kind === 'ClusterSecretStore') {
    return source.namespace === undefined ? [requiredField(field, 'cluster scope requires namespace')] : []
  }
  return source.namespace === undefined ? [] : [forbiddenField(field, 'only a ClusterSecretStore may name a namespace')]
}

function authErrors({ auth, authRef }: KubernetesSpec, store: StoreScope): FieldError[] {
  return [
    ...(auth?.cert ? certErrors(auth.cert.clientCert, store) : []),
    ...(auth?.token ? tokenErrors(auth.token.bearerToken, store) : []),
    ...referent(auth?.serviceAccount, 'auth.serviceAccount', store),
    ...referent(authRef, 'authRef', store),
  ]
}

type SecretKey = NonNullable<KubernetesSpec['authRef']>

function certErrors(selector: SecretKey, store: StoreScope): FieldError[] {
  return [...named(selector, 'auth.cert.clientCert'), ...strict(selector, 'auth.cert.clientCert', store)]
}

function tokenErrors(selector: SecretKey, store: StoreScope): FieldError[] {
  return [...named(selector, 'auth.token.bearerToken'), ...strict(selector, 'auth.token.bearerToken', store)]
}

/** v1alpha1 nests the selector once more: `auth.serviceAccount.serviceAccount`. */
function withFlatAccount(spec: JsonObject): JsonObject {
  const auth = spec.auth
  if (!isObject(auth) || !isObject(auth.serviceAccount)) return spec
  const inner = auth.serviceAccount.serviceAccount
  if (!isObject(inner)) return spec
  return { ...spec, auth: { ...auth, serviceAccount: inner } }
}

function withNestedAccount(spec: JsonObject): JsonObject {
  const auth = spec.auth
  if (!isObject(auth) || !isObject(auth.serviceAccount) || auth.serviceAccount.name === undefined) return spec
  return { ...spec, auth: { ...auth, serviceAccount: { serviceAccount: auth.serviceAccount } } }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
