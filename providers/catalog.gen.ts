// Generated from the folders of providers/ by `npm run generate`. Do not edit.
import { awsSpec } from './aws/spec.ts'
import { fakeSpec } from './fake/spec.ts'
import { kubernetesSpec } from './kubernetes/spec.ts'
import { openBaoSpec } from './openbao/spec.ts'
import type { Provider, ProviderSpec } from './provider.ts'
import { vaultSpec } from './vault/spec.ts'
import { webhookSpec } from './webhook/spec.ts'

/** What the API server needs to know of every provider: schemas and rules, no SDK. */
export const providerSpecs: readonly ProviderSpec<unknown>[] = [awsSpec, fakeSpec, kubernetesSpec, openBaoSpec, vaultSpec, webhookSpec]

/** Loads a provider with its libraries on first use; `undefined` when there is none of that name. */
export async function loadProvider(name: string): Promise<Provider<unknown> | undefined> {
  return loaders.get(name)?.()
}

const loaders = new Map<string, () => Promise<Provider<unknown>>>([
  ['aws', async () => (await import('./aws/provider.ts')).aws],
  ['fake', async () => (await import('./fake/provider.ts')).fake],
  ['kubernetes', async () => (await import('./kubernetes/provider.ts')).kubernetes],
  ['openBao', async () => (await import('./openbao/provider.ts')).openBao],
  ['vault', async () => (await import('./vault/provider.ts')).vault],
  ['webhook', async () => (await import('./webhook/provider.ts')).webhook],
])
