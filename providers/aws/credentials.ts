import type { STSClient } from '@aws-sdk/client-sts'
import { ProviderError } from '../errors.ts'
import type { ConnectContext } from '../provider.ts'
import type { SecretKeySelector, ServiceAccountSelector } from '../references.ts'
import { clientConfig } from './client-config.ts'
import { providerErrorOf } from './sdk-error.ts'
import type { AwsSpec } from './spec.ts'

interface Identity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** The SDK asks again shortly before. */
  readonly expiration?: Date
}

export type CredentialSource = () => Promise<Identity>

/** Those the spec gives, and each role assumed with the ones before it; closing gives up the clients in between. */
export async function credentialsOf(spec: AwsSpec, context: ConnectContext): Promise<CredentialSource & Disposable> {
  const hops = rolesOf(spec, context)
  const clients: STSClient[] = []
  let source = await firstSource(spec, context, clients)
  if (hops.length > 0) {
    const { STSClient, AssumeRoleCommand } = await import('@aws-sdk/client-sts')
    for (const hop of hops) {
      const client = new STSClient({ ...clientConfig(spec.region, 'sts', context.outbound), credentials: source })
      clients.push(client)
      source = async () => identityOf(hop, () => client.send(new AssumeRoleCommand(hop)))
    }
  }
  return Object.assign(source, { [Symbol.dispose]: () => clients.forEach((client) => client.destroy()) })
}

/** A ServiceAccount counts before static credentials. */
async function firstSource(spec: AwsSpec, context: ConnectContext, clients: STSClient[]): Promise<CredentialSource> {
  const account = spec.auth?.jwt?.serviceAccountRef
  if (account !== undefined) return webIdentity(account, { spec, context, clients })
  const base = await staticCredentials(spec, context)
  return async () => base
}

interface WebIdentityParts {
  readonly spec: AwsSpec
  readonly context: ConnectContext
  readonly clients: STSClient[]
}

/** The role that annotates the ServiceAccount, assumed with a token of it; nothing is signed (IRSA). */
async function webIdentity(
  account: ServiceAccountSelector,
  { spec, context, clients }: WebIdentityParts,
): Promise<CredentialSource> {
  const { references, outbound } = context
  const annotations = await references.serviceAccountAnnotations(account)
  const RoleArn = annotations['eks.amazonaws.com/role-arn'] ?? ''
  if (RoleArn === '') {
    const text = `the ServiceAccount "${account.name}" has no annotation eks.amazonaws.com/role-arn`
    throw new ProviderError('auth-failed', `unable to create session: ${text}`)
  }
  const { STSClient, AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts')
  const client = new STSClient(clientConfig(spec.region, 'sts', outbound))
  clients.push(client)
  const wish = {
    audiences: [annotations['eks.amazonaws.com/audience'] ?? 'sts.amazonaws.com'],
    expirationSeconds: 3600,
  }
  return async () => {
    const WebIdentityToken = await references.serviceAccountToken(account, wish)
    const command = new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: sessionName, WebIdentityToken })
    return identityOf({ RoleArn }, () => client.send(command))
  }
}

async function staticCredentials({ auth }: AwsSpec, { references }: ConnectContext): Promise<Identity> {
  const selectors = auth?.secretRef ?? {}
  const fetch = async (what: string, selector: SecretKeySelector) => {
    try {
      return await references.secretKey(selector)
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code === 'needs-consumer') throw error
      throw new ProviderError(error.code, `unable to create session: could not fetch ${what} secret: ${error.message}`)
    }
  }
  const secretAccessKey = await fetch('SecretAccessKey', selectors.secretAccessKeySecretRef ?? {})
  const accessKeyId = await fetch('accessKeyID', selectors.accessKeyIDSecretRef ?? {})
  if (selectors.sessionTokenSecretRef === undefined) return { accessKeyId, secretAccessKey }
  return { accessKeyId, secretAccessKey, sessionToken: await fetch('sessionToken', selectors.sessionTokenSecretRef) }
}

interface Hop {
  readonly RoleArn: string
  readonly RoleSessionName: string
  readonly ExternalId?: string
  readonly Tags?: { Key: string; Value: string }[]
  readonly TransitiveTagKeys?: string[]
}

/** Only the last role, `role`, has an external ID and session tags (eso-inventory.md 4.3). */
function rolesOf(spec: AwsSpec, context: ConnectContext): readonly Hop[] {
  const hops: Hop[] = (spec.additionalRoles ?? []).map((RoleArn) => ({ RoleArn, RoleSessionName: sessionName }))
  if (spec.role === undefined || spec.role === '') return hops
  const tags = sessionTags(spec, context)
  const transitive = spec.transitiveTagKeys ?? []
  return [
    ...hops,
    {
      RoleArn: spec.role,
      RoleSessionName: sessionName,
      ...((spec.externalID ?? '') !== '' && { ExternalId: spec.externalID ?? '' }),
      ...(tags.length > 0 && { Tags: tags }),
      ...(tags.length > 0 && transitive.length > 0 && { TransitiveTagKeys: [...transitive] }),
    },
  ]
}

const sessionName = 'external-secrets-provider-aws'

function sessionTags(spec: AwsSpec, { store, references }: ConnectContext): { Key: string; Value: string }[] {
  const policy = spec.sessionTagsPolicy ?? 'None'
  if (policy === 'None') return (spec.sessionTags ?? []).map(({ key, value }) => ({ Key: key, Value: value }))
  const namespace = store.namespace ?? references.consumerNamespace() ?? ''
  const own = { esoNamespace: namespace, esoStoreName: store.name, esoStoreKind: store.kind }
  const custom = policy === 'Custom' ? (spec.customSessionTags ?? {}) : {}
  return Object.entries({ ...custom, ...own }).map(([Key, Value]) => ({ Key, Value }))
}

interface AssumedRole {
  readonly Credentials?:
    | {
        readonly AccessKeyId: string | undefined
        readonly SecretAccessKey: string | undefined
        readonly SessionToken: string | undefined
        readonly Expiration: Date | undefined
      }
    | undefined
}

async function identityOf({ RoleArn }: Pick<Hop, 'RoleArn'>, assume: () => Promise<AssumedRole>): Promise<Identity> {
  const what = `could not assume role ${RoleArn}`
  const { Credentials } = await assume().catch((error: unknown) => {
    throw providerErrorOf(error, what, noSignal)
  })
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {}
  if (AccessKeyId === undefined || SecretAccessKey === undefined) {
    throw new ProviderError('unavailable', `${what}: there are no credentials in the answer`)
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken !== undefined && { sessionToken: SessionToken }),
    ...(Expiration !== undefined && { expiration: Expiration }),
  }
}

/** Credentials are shared by whoever reads: no single reader ends the request for them. */
const noSignal = new AbortController().signal
