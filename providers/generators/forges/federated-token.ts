import type { ServiceAccountSelector } from '../../references.ts'
import type { GenerateContext } from '../generator.ts'

/** What Quay and Cloudsmith are shown: a token for the selector's own audiences, of the usual hour. */
export function federatedToken(selector: ServiceAccountSelector, { references }: GenerateContext): Promise<string> {
  return references.serviceAccountToken(selector, { audiences: [], expirationSeconds: 3600 })
}
