import {
  BatchGetSecretValueCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  type Filter,
  type SecretsManagerClient,
  type SecretValueEntry,
} from '@aws-sdk/client-secrets-manager'
import { incomplete, told } from './sdk-call.ts'
import { providerErrorOf } from '../aws-identity/sdk-error.ts'

/** The calls of Secrets Manager, with answers that are whole and errors that are ours. */
export class SecretsApi {
  readonly #client: SecretsManagerClient

  constructor(client: SecretsManagerClient) {
    this.#client = client
  }

  async value(id: string, version: string | undefined, signal: AbortSignal): Promise<Uint8Array> {
    const command = new GetSecretValueCommand({ SecretId: id, ...versionOf(version) })
    return payloadOf(await told(`GetSecretValue ${id}`, signal, (options) => this.#client.send(command, options)))
  }

  async tags(id: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const command = new DescribeSecretCommand({ SecretId: id })
    const answer = await told(`DescribeSecret ${id}`, signal, (options) => this.#client.send(command, options))
    if (answer.Name === undefined) throw incomplete(`DescribeSecret ${id}`)
    return new Map((answer.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
  }

  async *names(signal: AbortSignal): AsyncGenerator<string> {
    let next: string | undefined
    do {
      const command = new ListSecretsCommand({ MaxResults: 100, ...(next !== undefined && { NextToken: next }) })
      const page = await told('ListSecrets', signal, (options) => this.#client.send(command, options))
      if (page.SecretList === undefined) throw incomplete('ListSecrets')
      for (const { Name } of page.SecretList) if (Name !== undefined) yield Name
      next = page.NextToken
    } while (next !== undefined && next !== '')
  }

  /** Values by a list of at most 20 names or by filters. A name that is not there is not in the answer. */
  async *batch(query: BatchQuery, signal: AbortSignal): AsyncGenerator<NamedValue> {
    let next: string | undefined
    do {
      const command = new BatchGetSecretValueCommand({
        ...('ids' in query ? { SecretIdList: [...query.ids] } : { Filters: [...query.filters], MaxResults: 20 }),
        ...(next !== undefined && { NextToken: next }),
      })
      const page = await told('BatchGetSecretValue', signal, (options) => this.#client.send(command, options))
      if (page.SecretValues === undefined) throw incomplete('BatchGetSecretValue')
      failOfErrors(page.Errors ?? [])
      yield* page.SecretValues.map(namedValue)
      next = page.NextToken
    } while (next !== undefined && next !== '')
  }

  /** Resolves the credentials, which assumes the roles. */
  async authenticate(signal: AbortSignal): Promise<void> {
    await told('credentials', signal, () => this.#client.config.credentials())
  }

  close(): void {
    this.#client.destroy()
  }
}

export type BatchQuery = { readonly ids: readonly string[] } | { readonly filters: readonly Filter[] }

export interface NamedValue {
  readonly name: string
  readonly arn: string
  readonly payload: Uint8Array
}

/** `uuid/<id>` names a version by ID; anything else is a staging label. */
function versionOf(version: string | undefined): { VersionId: string } | { VersionStage: string } {
  if (version === undefined || version === '') return { VersionStage: 'AWSCURRENT' }
  return version.startsWith('uuid/') ? { VersionId: version.slice('uuid/'.length) } : { VersionStage: version }
}

function payloadOf({ SecretString, SecretBinary }: SecretValueEntry): Uint8Array {
  if (SecretString !== undefined) return Buffer.from(SecretString)
  if (SecretBinary !== undefined) return SecretBinary
  throw incomplete('GetSecretValue')
}

function namedValue(entry: SecretValueEntry): NamedValue {
  return { name: entry.Name ?? '', arn: entry.ARN ?? '', payload: payloadOf(entry) }
}

/** A value that could not be read must not look like one that is gone: the whole answer fails. */
function failOfErrors(errors: readonly { SecretId?: string | undefined; ErrorCode?: string | undefined }[]): void {
  const failed = errors.find(({ ErrorCode }) => ErrorCode !== 'ResourceNotFoundException')
  if (failed === undefined) return
  const error = Object.assign(new Error(), { name: failed.ErrorCode ?? '' })
  throw providerErrorOf(error, `BatchGetSecretValue ${failed.SecretId ?? ''}`.trim())
}
