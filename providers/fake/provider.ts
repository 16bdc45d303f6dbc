import { convertFoundKeys } from '../convert-keys.ts'
import { ProviderError } from '../errors.ts'
import { namePattern } from '../name-pattern.ts'
import type { FindQuery, Provider, RemoteKey, RemoteSecret, SecretsClient } from '../provider.ts'
import { fakeSpec, type FakeSpec } from './spec.ts'
import { fakeValue } from './value.ts'

export const fake: Provider<FakeSpec> = {
  spec: fakeSpec,
  capabilities: ['read', 'find'],
  connect: async (spec) => clientOf(spec),
}

function clientOf(spec: FakeSpec): SecretsClient {
  return {
    check: async () => checkAnswer(spec.validationResult),
    read: async (ref) => read(spec, ref),
    find: async (query) => convertFoundKeys(find(spec, query), query.conversionStrategy),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** 0 ready, 1 unknown, 2 an error, after ESO's ValidationResult. */
function checkAnswer(result: number | undefined): 'ready' | 'unknown' {
  if (result === 2) throw new ProviderError('invalid-ref', 'unable to validate')
  return result === 1 ? 'unknown' : 'ready'
}

/** A reference without a version means the entry without one. Of entries that are equal in both, the last counts. */
function read({ data }: FakeSpec, { key, version = '' }: RemoteKey): RemoteSecret {
  const entry = data.findLast((candidate) => candidate.key === key && (candidate.version ?? '') === version)
  if (entry === undefined) throw new ProviderError('secret-missing', 'Secret does not exist')
  return fakeValue(entry.value)
}

/** The newest version of each name that matches, by the order of version texts. */
function find({ data }: FakeSpec, { name }: FindQuery): ReadonlyMap<string, Uint8Array> {
  if (name === undefined)
    throw new ProviderError('unsupported', 'unsupported find operator: the fake provider finds by name only')
  const matches = namePattern(name.regexp)
  const newest = new Map<string, FakeSpec['data'][number]>()
  for (const entry of data.filter(({ key }) => matches(key))) {
    const known = newest.get(entry.key)
    if (known === undefined || (entry.version ?? '') >= (known.version ?? '')) newest.set(entry.key, entry)
  }
  return new Map([...newest].map(([key, { value }]) => [key, Buffer.from(value)]))
}
