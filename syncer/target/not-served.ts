import type { ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'

/**
 * What of a spec this release cannot do. Admission refuses such objects; one that was stored otherwise is told so, and
 * nothing is written for it.
 */
export function notServed({ target = {} }: ExternalSecretSpec): string | undefined {
  return target.manifest === undefined ? undefined : 'spec.target.manifest is not served yet'
}
