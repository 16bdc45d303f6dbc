import { awsValue } from '../../providers/aws/value.ts'
import { ProviderError } from '../../providers/errors.ts'
import { fakeValue } from '../../providers/fake/value.ts'
import { dataValue, metadataValue } from '../../providers/kubernetes/value.ts'
import type { RemoteSecret } from '../../providers/provider.ts'
import { vaultValue } from '../../providers/vault/value.ts'

interface RemoteSecretVector {
  readonly input: unknown
  readonly provider?: string
  readonly metadataPolicy?: string
}

/** The remote secret that a vector describes, as its provider reads it. */
export function remoteSecretOf(vector: RemoteSecretVector): RemoteSecret | { readonly skipped: string } {
  const { input, provider } = vector
  switch (provider) {
    case 'fake':
    case 'any gjson provider':
      return fakeValue(String(input))
    case 'aws-secretsmanager':
      return awsValue('k', Buffer.from(String(input)))
    case 'vault':
      if (input === null) throw new ProviderError('secret-missing', 'Secret does not exist')
      return vaultValue(JSON.stringify(input))
    case 'kubernetes':
      return kubernetesSecret(vector)
    default:
      return { skipped: `the provider ${provider} is not served yet` }
  }
}

function kubernetesSecret({ input, metadataPolicy }: RemoteSecretVector): RemoteSecret {
  const { _labels, _annotations, ...data } = input as Readonly<Record<string, unknown>>
  const object = {
    name: 'k',
    data: new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value))])),
    labels: texts(_labels),
    annotations: texts(_annotations),
  }
  return metadataPolicy === 'Fetch' ? metadataValue(object) : dataValue(object)
}

function texts(map: unknown): ReadonlyMap<string, string> | undefined {
  return map === undefined ? undefined : new Map(Object.entries(map as Record<string, string>))
}
