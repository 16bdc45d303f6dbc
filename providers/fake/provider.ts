import type { Provider } from '../provider.ts'
import { fakeSpec, type FakeSpec } from './spec.ts'

export const fake: Provider<FakeSpec> = {
  spec: fakeSpec,
  capabilities: ['read', 'find'],
  connect: () => Promise.reject(new Error('not there yet')),
}
