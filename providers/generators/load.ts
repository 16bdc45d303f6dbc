import type { Generator } from './generator.ts'
import type { GeneratorKind } from './specs.ts'

/** Loads a generator on first use. */
export async function loadGenerator(kind: GeneratorKind): Promise<Generator<unknown>> {
  return loaders[kind]()
}

type Loaders = Readonly<Record<GeneratorKind, () => Promise<Generator<unknown>>>>

const loaders: Loaders = {
  ACRAccessToken: async () => (await import('./clouds/acr-access-token.ts')).acrAccessTokenGenerator,
  BeyondtrustWorkloadCredentialsDynamicSecret: async () =>
    (await import('./forges/beyondtrust-dynamic-secret.ts')).beyondtrustDynamicSecretGenerator,
  CloudsmithAccessToken: async () =>
    (await import('./forges/cloudsmith-access-token.ts')).cloudsmithAccessTokenGenerator,
  ECRAuthorizationToken: async () =>
    (await import('./clouds/ecr-authorization-token.ts')).ecrAuthorizationTokenGenerator,
  Fake: async () => (await import('./fake.ts')).fakeGenerator,
  GCRAccessToken: async () => (await import('./clouds/gcr-access-token.ts')).gcrAccessTokenGenerator,
  GithubAccessToken: async () => (await import('./forges/github-access-token.ts')).githubAccessTokenGenerator,
  GitlabDeployToken: async () => (await import('./forges/gitlab-deploy-token.ts')).gitlabDeployTokenGenerator,
  Grafana: async () => (await import('./forges/grafana.ts')).grafanaGenerator,
  MFA: async () => (await import('./mfa.ts')).mfaGenerator,
  Password: async () => (await import('./password.ts')).passwordGenerator,
  QuayAccessToken: async () => (await import('./forges/quay-access-token.ts')).quayAccessTokenGenerator,
  SSHKey: async () => (await import('./ssh-key.ts')).sshKeyGenerator,
  STSSessionToken: async () => (await import('./clouds/sts-session-token.ts')).stsSessionTokenGenerator,
  UUID: async () => (await import('./uuid.ts')).uuidGenerator,
  VaultDynamicSecret: async () => (await import('./vault-dynamic-secret.ts')).vaultDynamicSecretGenerator,
  Webhook: async () => (await import('./webhook.ts')).webhookGenerator,
}
