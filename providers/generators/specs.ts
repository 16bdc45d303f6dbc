import type { Schema } from '../../machinery/schema/schema.ts'
import * as calls from './schemas/calls.ts'
import * as clouds from './schemas/clouds.ts'
import * as forges from './schemas/forges.ts'
import * as local from './schemas/local.ts'

/** What the API server needs to know of every generator: the schema of its `spec`, by kind. */
export const generatorSchemas = {
  ACRAccessToken: clouds.acrAccessToken,
  BeyondtrustWorkloadCredentialsDynamicSecret: forges.beyondtrustDynamicSecret,
  CloudsmithAccessToken: forges.cloudsmithAccessToken,
  ECRAuthorizationToken: clouds.ecrAuthorizationToken,
  Fake: local.fake,
  GCRAccessToken: clouds.gcrAccessToken,
  GithubAccessToken: forges.githubAccessToken,
  GitlabDeployToken: forges.gitlabDeployToken,
  Grafana: forges.grafana,
  MFA: local.mfa,
  Password: local.password,
  QuayAccessToken: forges.quayAccessToken,
  SSHKey: local.sshKey,
  STSSessionToken: clouds.stsSessionToken,
  UUID: local.uuid,
  VaultDynamicSecret: calls.vaultDynamicSecret,
  Webhook: calls.webhook,
} as const satisfies Readonly<Record<string, Schema>>

export type GeneratorKind = keyof typeof generatorSchemas

export function isGeneratorKind(kind: string): kind is GeneratorKind {
  return Object.hasOwn(generatorSchemas, kind)
}

/** What a ClusterGenerator calls the spec of a kind: `sshKeySpec`, `uuidSpec`. */
export function specMember(kind: GeneratorKind): string {
  return `${kind.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/, (start) => start.toLowerCase())}Spec`
}
