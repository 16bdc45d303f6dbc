import type { ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'

/**
 * What of a spec this release cannot do. Admission refuses such objects; one that was stored otherwise is told so, and
 * nothing is written for it.
 */
export function notServed({ target = {} }: ExternalSecretSpec): string | undefined {
  const { deletionPolicy = 'Retain', manifest } = target
  if (deletionPolicy !== 'Retain') return `deletionPolicy ${deletionPolicy} is not served yet`
  return manifest === undefined ? undefined : 'spec.target.manifest is not served yet'
}
