import type { STSClient } from '@aws-sdk/client-sts'
import type { Outbound } from '../../base/http.ts'
import { ProviderError } from '../errors.ts'
import { clientConfig } from './client-config.ts'
import { providerErrorOf } from './sdk-error.ts'

export interface Identity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** The SDK asks again shortly before. */
  readonly expiration?: Date
}

/** Rejects with ProviderError. */
export type CredentialSource = () => Promise<Identity>

/** A role, and what its session is called and carries. */
export interface RoleWish {
  readonly RoleArn: string
  /** Absent: as sessions of this login are called. */
  readonly RoleSessionName?: string
  readonly ExternalId?: string
  readonly Tags?: { Key: string; Value: string }[]
  readonly TransitiveTagKeys?: string[]
}

interface Session {
  readonly region: string
  /** What its sessions are called. */
  readonly sessionName: string
}

/** Roles assumed at STS. Nothing is asked before a source is. Disposing closes its clients. */
export class RoleAssumer implements Disposable {
  readonly #login: Session
  readonly #outbound: Outbound
  readonly #clients: STSClient[] = []

  constructor(login: Session, outbound: Outbound) {
    this.#login = login
    this.#outbound = outbound
  }

  /** The role, assumed with what `credentials` give. */
  async withCredentials(role: RoleWish, credentials: CredentialSource): Promise<CredentialSource> {
    const { AssumeRoleCommand } = await import('@aws-sdk/client-sts')
    const client = await this.#client({ credentials })
    const command = new AssumeRoleCommand(this.#named(role))
    return async () => identityOf(role, () => client.send(command))
  }

  /** The role, assumed with a token of somebody else; nothing is signed. */
  async withToken(role: RoleWish, token: () => Promise<string>): Promise<CredentialSource> {
    const { AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts')
    const client = await this.#client({})
    return async () => {
      const command = new AssumeRoleWithWebIdentityCommand({ ...this.#named(role), WebIdentityToken: await token() })
      return identityOf(role, () => client.send(command))
    }
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.destroy()
  }

  #named(role: RoleWish) {
    return { RoleSessionName: this.#login.sessionName, ...role }
  }

  async #client(given: { readonly credentials?: CredentialSource }): Promise<STSClient> {
    const { STSClient } = await import('@aws-sdk/client-sts')
    const client = new STSClient({ ...clientConfig(this.#login.region, 'sts', this.#outbound), ...given })
    this.#clients.push(client)
    return client
  }
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

async function identityOf({ RoleArn }: RoleWish, assume: () => Promise<AssumedRole>): Promise<Identity> {
  const what = `could not assume role ${RoleArn}`
  const { Credentials } = await assume().catch((error: unknown) => {
    // Credentials are shared by whoever reads: no single reader ends the request for them.
    throw providerErrorOf(error, what)
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
