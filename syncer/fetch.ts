import type { MaybePromise } from '../base/waiting/maybe-promise.ts'
import type { ExternalSecretSpec } from '../kinds/external-secret/v1.ts'
import { withMembers } from '../machinery/json/member.ts'
import { ProviderError } from '../providers/errors.ts'
import type { FindQuery, RemoteKey, RemoteSecret } from '../providers/provider.ts'
import { convertKeys, validKeys } from './convert-keys.ts'
import { decodeValue, decodeValues } from './decode.ts'
import { explained, explainedLater, SyncError, type SyncErrorCode } from './errors.ts'
import type { GeneratorRef } from './values/generators.ts'
import type { Rewrite } from './rewrite/rewrite.ts'
import { Derived } from './values/derived.ts'
import { checkNullBytes } from './values/null-bytes.ts'

type Values = ReadonlyMap<string, Uint8Array>
type DataEntry = NonNullable<ExternalSecretSpec['data']>[number]
type Find = NonNullable<DataFromEntry['find']>
type DataFromEntry = NonNullable<ExternalSecretSpec['dataFrom']>[number]
export type StoreRef = NonNullable<ExternalSecretSpec['secretStoreRef']>

/** What one store answers to one ExternalSecret. Both reject with ProviderError. */
export interface Source {
  read(key: RemoteKey): MaybePromise<RemoteSecret>
  find(query: FindQuery): Promise<Values>
}

/** The source behind a reference. Rejects with ProviderError or SyncError. */
type OpenSource = (ref: StoreRef) => Promise<Source>

/** New values of the generator behind a reference, for the entry of `dataFrom`. Rejects with SyncError. */
type Generate = (ref: GeneratorRef, index: number) => Promise<Values>

/** Keys renamed, as operations say. Throws or rejects with SyncError. */
type RewriteValues = (values: Values, operations: readonly Rewrite[]) => MaybePromise<Values>

export interface Fetching {
  readonly spec: ExternalSecretSpec
  readonly open: OpenSource
  readonly generate: Generate
  readonly rewrite: RewriteValues
}

export interface Fetched {
  readonly values: Values
  /** The entries whose secret the provider does not have, as events name them; only where that is no error. */
  readonly missing: readonly string[]
}

/** Where the values of an entry come from, and what may rename them. */
interface Origin {
  readonly source: () => Promise<Source>
  readonly generate: Generate
  readonly rewrite: RewriteValues
}

/** What became of each entry, in the order in which they are poured: `dataFrom`, then `data`. Never rejects. */
export function fetchEntries(fetching: Fetching): Promise<readonly PromiseSettledResult<Values>[]> {
  const { spec, open, generate, rewrite } = fetching
  const origin = (entry: DataEntry | DataFromEntry): Origin => ({
    source: () => open(storeOf(spec, entry)),
    generate,
    rewrite,
  })
  return Promise.allSettled([
    ...(spec.dataFrom ?? []).map((entry, index) => manyKeys(entry, index, origin(entry))),
    ...(spec.data ?? []).map((entry, index) => oneKey(entry, index, origin(entry))),
  ])
}

/** An entry with a source of its own never falls back to the store of the whole, even if it names no store. */
export function storeOf(spec: ExternalSecretSpec, { sourceRef }: DataEntry | DataFromEntry): StoreRef {
  return sourceRef === undefined ? (spec.secretStoreRef ?? {}) : (sourceRef.storeRef ?? {})
}

/**
 * What the ExternalSecret asks for: `dataFrom` in order, then `data`, later ones win (eso-behaviour.md 1.6). Everything
 * is read at once; of several failures the first in that order is told. What the provider does not have is an error
 * unless there is a policy for it. Throws SyncError.
 */
export async function fetchData(fetching: Fetching): Promise<Fetched> {
  const { spec } = fetching
  const results = await fetchEntries(fetching)
  const [only] = results
  // As it is: what follows from the values is remembered by them.
  if (results.length === 1 && only?.status === 'fulfilled') return { values: only.value, missing: [] }
  const values = new Map<string, Uint8Array>()
  const missing: string[] = []
  const isMissingAllowed = (spec.target?.deletionPolicy ?? 'Retain') !== 'Retain'
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') for (const [key, value] of result.value) values.set(key, value)
    else if (isMissingAllowed && isMissing(result.reason)) missing.push(entryName(spec, index))
    else throw result.reason
  }
  return { values, missing }
}

/** ESO says dataFrom of entries of data, too. */
function entryName({ data = [], dataFrom = [] }: ExternalSecretSpec, index: number): string {
  if (index < dataFrom.length) return `spec.dataFrom[${index}]`
  const place = index - dataFrom.length
  return `spec.dataFrom[${place}] (key=${data[place]?.remoteRef.key ?? ''})`
}

async function oneKey(entry: DataEntry, index: number, { source }: Origin): Promise<Values> {
  const { remoteRef, secretKey } = entry
  const place = `spec.data[${index}] (key: ${remoteRef.key})`
  return telling(place, async () => {
    const secret = await (await source()).read(remoteKeyOf(remoteRef))
    const value = decodedData(secret.value(remoteRef.property), remoteRef.decodingStrategy)
    const values = new Map([[secretKey, value]])
    checkNullBytes(values, remoteRef.nullBytePolicy)
    return values
  })
}

async function manyKeys(entry: DataFromEntry, index: number, { source, generate, rewrite }: Origin): Promise<Values> {
  const { extract, find, sourceRef } = entry
  const place = `spec.dataFrom[${index}]`
  if (find !== undefined) {
    return telling(`${place}.find`, async () =>
      poured(await found(await source(), find), { entry, strategies: find, rewrite }),
    )
  }
  if (extract !== undefined) {
    return telling(`${place}.extract`, async () => {
      const secret = await (await source()).read(remoteKeyOf(extract))
      return poured(secret.entries(extract.property), { entry, strategies: extract, rewrite })
    })
  }
  const generatorRef = sourceRef?.generatorRef
  if (generatorRef !== undefined) {
    return telling(`${place}.sourceRef.generatorRef`, async () =>
      generated(await generate(generatorRef, index), entry, rewrite),
    )
  }
  return new Map()
}

async function found(source: Source, { name, nullBytePolicy: _, ...query }: Find): Promise<Values> {
  try {
    return await source.find({ ...query, ...(name && { name: { regexp: name.regexp ?? '' } }) })
  } catch (error) {
    throw new SyncError(codeOf(error), `error getting all secrets: ${reasonOf(error)}`)
  }
}

/** Keys may be rewritten, but are never converted, and values never decoded. */
async function generated(values: Values, entry: DataFromEntry, rewrite: RewriteValues): Promise<Values> {
  const renamed = await rewritten(values, entry.rewrite ?? [], rewrite)
  return explained(invalidKeys, () => validKeys(renamed))
}

const invalidKeys = 'invalid secret keys (TIP: use rewrite or conversionStrategy to change keys)'

interface Strategies {
  readonly conversionStrategy?: string
  readonly decodingStrategy?: string
  readonly nullBytePolicy?: string
}

interface Pouring {
  readonly entry: DataFromEntry
  readonly strategies: Strategies
  readonly rewrite: RewriteValues
}

/** From what the provider gave to what a Secret can hold. */
async function poured(values: Values, { entry, strategies, rewrite }: Pouring): Promise<Values> {
  const { rewrite: operations = [] } = entry
  // Keys are rewritten or converted, never both.
  if (operations.length > 0) return fitting(await rewritten(values, operations, rewrite), strategies)
  const { conversionStrategy = '', decodingStrategy = '', nullBytePolicy = '' } = strategies
  const name = `${conversionStrategy}\n${decodingStrategy}\n${nullBytePolicy}`
  return plainlyPoured.of(values, name, () => fitting(converted(values, strategies), strategies))
}

/** Many read the same and ask for the same of it. */
const plainlyPoured = new Derived<Values>()

function converted(values: Values, { conversionStrategy }: Strategies): Values {
  return explained(`error applying conversion strategy ${conversionStrategy ?? ''} to keys`, () =>
    convertKeys(values, conversionStrategy),
  )
}

function fitting(values: Values, { decodingStrategy, nullBytePolicy }: Strategies): Values {
  const valid = explained(invalidKeys, () => validKeys(values))
  const decoding = `error applying decoding strategy ${decodingStrategy ?? ''} to data`
  const decoded = explained(decoding, () => decodeValues(valid, decodingStrategy))
  checkNullBytes(decoded, nullBytePolicy)
  return decoded
}

function rewritten(values: Values, operations: readonly Rewrite[], rewrite: RewriteValues): Promise<Values> {
  return explainedLater('error applying rewrite to keys', () => rewrite(values, operations))
}

function decodedData(value: Uint8Array, strategy: string | undefined): Uint8Array {
  return explained(`error applying decoding strategy ${strategy ?? ''} to data`, () => decodeValue(value, strategy))
}

function remoteKeyOf({ key, version, metadataPolicy = 'None', property }: DataEntry['remoteRef']): RemoteKey {
  return withMembers<RemoteKey>({ key, metadataPolicy }, { version, property })
}

async function telling(place: string, step: () => Promise<Values>): Promise<Values> {
  try {
    return await step()
  } catch (error) {
    throw new SyncError(codeOf(error), `error processing ${place}, err: ${reasonOf(error)}`)
  }
}

function codeOf(error: unknown): SyncErrorCode {
  if (error instanceof SyncError && error.code === 'not-served') return error.code
  return isMissing(error) ? 'secret-missing' : 'fetch-failed'
}

function isMissing(error: unknown): boolean {
  return (error instanceof ProviderError || error instanceof SyncError) && error.code === 'secret-missing'
}

/** Only our own words and those of a provider's error, which keep to names and places, may be passed on. */
function reasonOf(error: unknown): string {
  if (error instanceof ProviderError && error.code === 'secret-missing') return 'Secret does not exist'
  return error instanceof ProviderError || error instanceof SyncError ? error.message : 'the provider failed'
}
