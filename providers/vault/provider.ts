import type { Provider } from '../provider.ts'
import { vaultSpec, type VaultSpec } from './spec.ts'

export const vault: Provider<VaultSpec> = {
  spec: vaultSpec,
  capabilities: ['read', 'find'],
  connect: () => Promise.reject(new Error('not there yet')),
}
