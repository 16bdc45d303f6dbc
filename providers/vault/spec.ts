import { forbiddenField, invalidField, requiredField, type FieldError } from '../../machinery/field-error.ts'
import { boolean, map, object, oneOf, required, string, type Infer } from '../../machinery/schema/builder.ts'
import { awsAuthErrors } from '../aws-identity/auth.ts'
import { isRegion, regionRule } from '../aws-identity/region.ts'
import type { ProviderSpec, StoreScope } from '../provider.ts'
import { referent } from '../selector-rules.ts'
import { caSource, secretKey } from '../selectors.ts'
import { servedMethods } from './auth-method.ts'
import { authSchema } from './auth-schema.ts'

const schema = object('HashiCorp Vault or OpenBao, secrets engine KV version 1 or 2.', {
  server: required(string('The address of the server, https://host:port.')),
  path: string("The mount of the secrets engine; without it, the first segment of each key is the mount's name."),
  version: oneOf('The version of the KV secrets engine.', ['v1', 'v2'], { default: 'v2' }),
  namespace: string('The Vault namespace the secrets are in.'),
  auth: authSchema,
  caBundle: string('The CA certificates the server is trusted by, PEM in base64.', { format: 'byte' }),
  caProvider: caSource('Where the CA certificates are found instead.'),
  tls: object('The client certificate connections are made with.', {
    certSecretRef: secretKey('The Secret key that holds the certificate in PEM; the key defaults to tls.crt.'),
    keySecretRef: secretKey('The Secret key that holds its private key in PEM; the key defaults to tls.key.'),
  }),
  headers: map('Headers sent with every request.', string('The value of one header.')),
  readYourWrites: boolean('Together with forwardInconsistent: reads see what was written before.'),
  forwardInconsistent: boolean('Together with readYourWrites: asks the active node when a standby is behind.'),
  checkAndSet: object('How writes are guarded against each other.', {
    required: boolean('Every write names the version it replaces. KV version 2 only.'),
  }),
})

export type VaultSpec = Infer<typeof schema>

export const vaultSpec: ProviderSpec<VaultSpec> = {
  name: 'vault',
  schema,
  validate: (spec, store) => [
    ...unservedMethods(spec),
    ...appRoleErrors(spec, store),
    ...jwtErrors(spec),
    ...iamErrors(spec, store),
    ...selectorErrors(spec, store),
    ...tlsErrors(spec),
    ...checkAndSetErrors(spec),
  ],
  statusCapabilities: 'ReadWrite',
}

function unservedMethods({ auth }: VaultSpec): FieldError[] {
  if (auth?.gcp === undefined) return []
  const text = `this way to log in is not served yet; served are ${servedMethods.join(', ')}`
  return [forbiddenField('auth.gcp', text)]
}

function appRoleErrors({ auth }: VaultSpec, store: StoreScope): FieldError[] {
  const appRole = auth?.appRole
  if (appRole === undefined) return []
  const role = (appRole.roleId ?? '') === '' && appRole.roleRef === undefined
  return [
    ...(role ? [requiredField('auth.appRole.roleId', 'give roleId or roleRef')] : []),
    ...referent(appRole.roleRef, 'auth.appRole.roleRef', store),
    ...referent(appRole.secretRef, 'auth.appRole.secretRef', store),
  ]
}

function iamErrors({ auth }: VaultSpec, store: StoreScope): FieldError[] {
  const iam = auth?.iam
  if (iam === undefined) return []
  const { region = '' } = iam
  const wrong = region !== '' && !isRegion(region)
  return [
    ...(wrong ? [invalidField('auth.iam.region', region, regionRule)] : []),
    ...awsAuthErrors(iam, 'auth.iam', store),
  ]
}

function jwtErrors({ auth }: VaultSpec): FieldError[] {
  const method = auth?.jwt
  if (method === undefined || method.secretRef !== undefined) return []
  if (method.kubernetesServiceAccountToken !== undefined) return []
  return [requiredField('auth.jwt.secretRef', 'give secretRef or kubernetesServiceAccountToken')]
}

function selectorErrors({ auth, tls }: VaultSpec, store: StoreScope): FieldError[] {
  return [
    ...referent(auth?.tokenSecretRef, 'auth.tokenSecretRef', store),
    ...referent(auth?.kubernetes?.serviceAccountRef, 'auth.kubernetes.serviceAccountRef', store),
    ...referent(auth?.kubernetes?.secretRef, 'auth.kubernetes.secretRef', store),
    ...referent(auth?.ldap?.secretRef, 'auth.ldap.secretRef', store),
    ...referent(auth?.userPass?.secretRef, 'auth.userPass.secretRef', store),
    ...referent(auth?.jwt?.secretRef, 'auth.jwt.secretRef', store),
    ...referent(
      auth?.jwt?.kubernetesServiceAccountToken?.serviceAccountRef,
      'auth.jwt.kubernetesServiceAccountToken.serviceAccountRef',
      store,
    ),
    ...referent(auth?.cert?.clientCert, 'auth.cert.clientCert', store),
    ...referent(auth?.cert?.secretRef, 'auth.cert.secretRef', store),
    ...referent(tls?.certSecretRef, 'tls.certSecretRef', store),
    ...referent(tls?.keySecretRef, 'tls.keySecretRef', store),
  ]
}

function tlsErrors({ tls }: VaultSpec): FieldError[] {
  if ((tls?.certSecretRef === undefined) === (tls?.keySecretRef === undefined)) return []
  const missing = tls?.certSecretRef === undefined ? 'tls.certSecretRef' : 'tls.keySecretRef'
  return [requiredField(missing, 'certSecretRef and keySecretRef belong together')]
}

function checkAndSetErrors({ checkAndSet, version }: VaultSpec): FieldError[] {
  if (checkAndSet?.required !== true || version !== 'v1') return []
  return [invalidField('checkAndSet.required', true, 'check-and-set needs version v2 of the KV engine')]
}
