import type { OpenBao } from '../../../test/support/openbao.ts'

const namespace = 'bench'
export const unitCount = 200
/** Between two refreshes of an object. */
export const intervalMs = 60_000
const keyCount = 5

const group = 'external-secrets.io/v1'

/** Gives the first so many units this value. */
export async function writeUnits({ call }: OpenBao, count: number, text: string): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const data = Object.fromEntries(
      Array.from({ length: keyCount }, (_, key) => [`key-${key}`, `${text}-${index}-${key}`]),
    )
    await call(`POST secret/data/unit-${index}`, { data })
  }
}

/** As it stands in the Secret of an object that extracts the unit. */
export function encodedValue(index: number, text: string): string {
  return btoa(`${text}-${index % unitCount}-0`)
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
export function extractManifest(name: string, index: number): object {
  return {
    apiVersion: group,
    kind: 'ExternalSecret',
    metadata: { name, namespace },
    spec: {
      refreshInterval: `${intervalMs / 1000}s`,
      secretStoreRef: { name: 'store' },
      target: { name },
      dataFrom: [{ extract: { key: `unit-${index % unitCount}` } }],
    },
  }
}
