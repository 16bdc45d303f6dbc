import { ProviderError } from '../errors.ts'
import type { References, SecretKeySelector } from '../references.ts'

interface NamedSecret {
  readonly name: string
  readonly secretRef: SecretKeySelector
}

export type SecretValues = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>

/**
 * What templates see of Secrets. Only those with the label may be sent anywhere: whoever may write a store must not
 * thereby read every Secret of the namespace.
 */
export async function secretValues(secrets: readonly NamedSecret[], references: References): Promise<SecretValues> {
  const read = secrets.map(async ({ name, secretRef }) => [name, await labelled(secretRef, references)] as const)
  return new Map(await Promise.all(read))
}

async function labelled(selector: SecretKeySelector, references: References): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = await references.secret(selector)
  const { name = '' } = selector
  if (found === undefined) {
    throw new ProviderError('auth-failed', `failed to get webhook secret ${name}: secrets "${name}" not found`)
  }
  if (found.labels['external-secrets.io/type'] === 'webhook') return found.data
  const text = "secret does not contain needed label 'external-secrets.io/type: webhook'"
  throw new ProviderError('auth-failed', `${text}. Update secret label to use it with webhook`)
}
