import type { Provider } from '../provider.ts'
import { kubernetesSpec, type KubernetesSpec } from './spec.ts'

export const kubernetes: Provider<KubernetesSpec> = {
  spec: kubernetesSpec,
  capabilities: ['read', 'find'],
  connect: () => Promise.reject(new Error('not there yet')),
}
