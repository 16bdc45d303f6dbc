import type { Provider } from '../provider.ts'
import { awsSpec, type AwsSpec } from './spec.ts'

export const aws: Provider<AwsSpec> = {
  spec: awsSpec,
  capabilities: ['read', 'find'],
  connect: () => Promise.reject(new Error('not there yet')),
}
