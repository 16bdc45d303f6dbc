import type { Validation, ValidationResult } from '../../../apiserver/registry/kind.ts'
import { type FieldError, invalidField, requiredField, tooLong } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { decodedLength } from '../byte-values.ts'
import { dataBytesMax, immutableErrors, keyErrors } from '../data-rules.ts'
import type { Secret } from './v1.ts'

export const validations: readonly Validation[] = [{ name: 'secret', judges: 'object', check: checkSecret }]

/** ValidateSecret and ValidateSecretUpdate of k8s.io/kubernetes/pkg/apis/core/validation. */
function checkSecret(object: KubeObject, previous: KubeObject | undefined): ValidationResult {
  const secret = object as Secret
  const bytes = Object.values(secret.data ?? {}).reduce((total, value) => total + decodedLength(value), 0)
  return {
    errors: [
      ...typeChange(secret, previous),
      ...immutableErrors(secret, previous, ['data']),
      ...keyErrors('data', secret.data),
      ...(bytes > dataBytesMax ? [tooLong('data', dataBytesMax)] : []),
      ...typeErrors(secret),
    ],
  }
}

function typeChange({ type }: Secret, previous: Secret | undefined): FieldError[] {
  return previous === undefined || type === previous.type ? [] : [invalidField('type', type, 'field is immutable')]
}

function typeErrors({ type, data = {}, metadata }: Secret): FieldError[] {
  switch (type) {
    case 'kubernetes.io/service-account-token':
      return serviceAccountErrors(metadata.annotations)
    case 'kubernetes.io/dockercfg':
      return documentErrors(data, '.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return documentErrors(data, '.dockerconfigjson')
    case 'kubernetes.io/basic-auth':
      return 'username' in data || 'password' in data ? [] : required(data, ['username', 'password'])
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [requiredField('data[ssh-privatekey]')]
    case 'kubernetes.io/tls':
      return required(data, ['tls.crt', 'tls.key'])
    default:
      return []
  }
}

function serviceAccountErrors(annotations: Readonly<Record<string, string>> = {}): FieldError[] {
  const name = 'kubernetes.io/service-account.name'
  return annotations[name] ? [] : [requiredField(`metadata.annotations[${name}]`)]
}

function required(data: Readonly<Record<string, string>>, keys: readonly string[]): FieldError[] {
  return keys.filter((key) => !Object.hasOwn(data, key)).map((key) => requiredField(`data[${key}]`))
}

/** kube-apiserver adds what its parser says, which quotes the content; we do not. */
function documentErrors(data: Readonly<Record<string, string>>, key: string): FieldError[] {
  const value = data[key]
  if (value === undefined) return [requiredField(`data[${key}]`)]
  return isJsonObject(value)
    ? []
    : [invalidField(`data[${key}]`, '<secret contents redacted>', 'must be a JSON object')]
}

function isJsonObject(base64: string): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64').toString())
    return value === null || (typeof value === 'object' && !Array.isArray(value))
  } catch {
    return false
  }
}
