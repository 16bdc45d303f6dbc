import { ProviderError } from '../errors.ts'
import { encodeTexts, isJson } from '../../base/json/go-json.ts'
import { documentOf, elements, members, unquoted, type Found } from '../../base/json/json-scan.ts'
import { textOf } from '../../base/json/found.ts'
import type { RemoteKey } from '../provider.ts'
import { dataPath, isVersion2, metadataPath } from './paths.ts'
import type { VaultSession } from './session.ts'
import type { VaultSpec } from './spec.ts'

/** The data of a KV secret as JSON text; `undefined` when the secret or this version of it is not there. */
export async function readData(
  spec: VaultSpec,
  session: VaultSession,
  { key, version, signal }: Pick<RemoteKey, 'key' | 'version'> & { readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (key === '') throw new ProviderError('invalid-ref', 'the key is empty')
  const query = version === undefined || version === '' ? '' : `?version=${encodeURIComponent(version)}`
  const answer = await told(session.read(dataPath(spec, key) + query, signal))
  if (answer === undefined) return undefined
  const outer = memberOf(answer, 'data')
  const data = isVersion2(spec) && outer?.kind === 'json' ? memberOf(outer.raw, 'data') : outer
  if (data === undefined) throw new ProviderError('unavailable', 'failed to find data field')
  if (data.kind === 'null' && isVersion2(spec)) return undefined
  if (!data.raw.startsWith('{')) throw new ProviderError('unavailable', 'failed to unmarshall JSON')
  return data.raw
}

/** System fields and custom metadata of a version 2 secret, custom ones first; `undefined` when there is no secret. */
export async function readMetadata(
  spec: VaultSpec,
  session: VaultSession,
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, string> | undefined> {
  const answer = await told(session.read(metadataPath(spec, key), signal))
  if (answer === undefined) return undefined
  const data = memberOf(answer, 'data')
  if (data?.kind !== 'json') throw new ProviderError('unavailable', 'failed to find data field')
  const fields = [...members(data.raw)]
  const system = fields.filter(({ key: name, value }) => systemFields.has(name) && value.kind !== 'null')
  const custom = fields.find(({ key: name }) => name === 'custom_metadata')?.value
  const customFields = custom?.kind === 'json' ? [...members(custom.raw)] : []
  return new Map([...system, ...customFields].map(({ key: name, value }) => [name, textOf(value)]))
}

const systemFields: ReadonlySet<string> = new Set(['created_time', 'current_version', 'delete_version_after'])

/** As the value of a reference that asks for metadata: JSON of texts, or nothing. */
export function metadataJson(metadata: ReadonlyMap<string, string>): string {
  return encodeTexts(metadata, 'html')
}

/** The names directly below a path; those of folders end in `/`. `undefined` when nothing is there. */
export async function listNames(
  spec: VaultSpec,
  session: VaultSession,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<readonly string[] | undefined> {
  const answer = await told(session.list(metadataPath(spec, path), signal))
  if (answer === undefined) return undefined
  const data = memberOf(answer, 'data')
  const keys = data?.kind === 'json' ? memberOf(data.raw, 'keys') : undefined
  if (!keys?.raw.startsWith('[')) throw new ProviderError('unavailable', 'failed to find the keys of a list')
  return [...elements(keys.raw)].filter(({ kind }) => kind === 'string').map(({ raw }) => unquoted(raw))
}

function memberOf(json: string, name: string): Found | undefined {
  if (!isJson(json))
    throw new ProviderError('unavailable', 'cannot read secret data from Vault: the answer is not JSON')
  const document = documentOf(json)
  if (!document?.raw.startsWith('{')) return undefined
  return [...members(document.raw)].find(({ key }) => key === name)?.value
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const wait = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
    throw new ProviderError(error.code, `cannot read secret data from Vault: ${error.message}`, wait)
  }
}
