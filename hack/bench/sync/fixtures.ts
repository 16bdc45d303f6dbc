import type { OpenBao } from '../../../test/support/openbao.ts'

const namespace = 'bench'
export const unitCount = 200
const keyCount = 5

const group = 'external-secrets.io/v1'

export async function seedUnits({ call }: OpenBao): Promise<void> {
  for (let index = 0; index < unitCount; index += 1) await writeUnit({ call }, index, 'first')
}

export async function writeUnit({ call }: Pick<OpenBao, 'call'>, index: number, text: string): Promise<void> {
  const data = Object.fromEntries(
    Array.from({ length: keyCount }, (_, key) => [`key-${key}`, `${text}-${index}-${key}`]),
  )
  await call(`POST secret/data/unit-${index}`, { data })
}

export const tokenManifest = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'token', namespace },
  stringData: { token: 'root' },
}

/** Of another controller at first: the clock starts when it becomes ours. */
export function vaultStoreManifest(server: string): object {
  const auth = { tokenSecretRef: { name: 'token', key: 'token' } }
  return {
    apiVersion: group,
    kind: 'SecretStore',
    metadata: { name: 'store', namespace },
    spec: { controller: 'another', provider: { vault: { server, path: 'secret', version: 'v2', auth } } },
  }
}

/** One extract of one of the units. */
export function extractManifest(name: string, index: number, refreshInterval: string): object {
  return {
    apiVersion: group,
    kind: 'ExternalSecret',
    metadata: { name, namespace },
    spec: {
      refreshInterval,
      secretStoreRef: { name: 'store' },
      target: { name },
      dataFrom: [{ extract: { key: `unit-${index % unitCount}` } }],
    },
  }
}
