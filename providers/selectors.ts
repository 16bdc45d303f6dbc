import { array, object, oneOf, required, string, type Typed } from '../machinery/schema/builder.ts'

/** The parts that every provider's schema is made of: pointers to Secrets, ConfigMaps and ServiceAccounts. */

const nameRule = {
  minLength: 1,
  maxLength: 253,
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
}
const namespaceRule = { minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }
const keyRule = { minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$' }

const namespaceText =
  'The namespace it is in, for a ClusterSecretStore only; without it, the namespace of the ExternalSecret counts.'

const secretKeyFields = {
  name: string('The name of the Secret.', nameRule),
  key: string('The key inside the Secret.', keyRule),
  namespace: string(namespaceText, namespaceRule),
}

const serviceAccountFields = {
  name: required(string('The name of the ServiceAccount.', nameRule)),
  namespace: string(namespaceText, namespaceRule),
  audiences: array('Audiences the requested token is for.', string('One audience.')),
}

const caProviderFields = {
  type: required(oneOf('The kind of object that holds the certificates.', ['Secret', 'ConfigMap'])),
  name: required(string('The name of that object.', nameRule)),
  key: string('The key that holds the PEM certificates.', keyRule),
  namespace: string(
    'The namespace it is in. A ClusterSecretStore has to name one, a SecretStore must not.',
    namespaceRule,
  ),
}

export function secretKey(description: string) {
  return object(description, secretKeyFields)
}

export function serviceAccount(description: string) {
  return object(description, serviceAccountFields)
}

export function caSource(description: string) {
  return object(description, caProviderFields)
}

export function namespaceName(description: string, fallback?: string): Typed<string> {
  return string(description, { ...namespaceRule, ...(fallback !== undefined && { default: fallback }) })
}
