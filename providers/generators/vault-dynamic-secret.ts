import { isJson } from '../../base/json/go-json.ts'
import { documentOf, members } from '../../base/json/json-scan.ts'
import { ProviderError } from '../errors.ts'
import { typedEntries } from '../json/typed-entries.ts'
import { openVaultSession } from '../vault/provider.ts'
import { encoded } from '../vault/paths.ts'
import type { VaultSession } from '../vault/session.ts'
import type { PassingGenerator } from './generator.ts'
import type { VaultDynamicSecretSpec } from './schemas/calls.ts'

/** What any path answers. Leases are left to their own end, as in the original: the values live in a Secret. */
export const vaultDynamicSecretGenerator: PassingGenerator<VaultDynamicSecretSpec> = {
  async generate(spec, context) {
    const store = { kind: 'SecretStore', namespace: context.namespace, name: '' } as const
    const session = await openVaultSession(spec.provider, { ...context, store })
    const answer = await answerOf(spec, session, context.signal)
    if (answer !== undefined && answer !== '') return partOf(answer, spec.resultType ?? 'Data')
    if (spec.allowEmptyResponse === true) return new Map()
    throw new ProviderError('unavailable', 'empty response from Vault')
  },
}

/** The session is not ended: that would revoke the token, and with it the lease of what was generated. */
function answerOf(
  spec: VaultDynamicSecretSpec,
  session: VaultSession,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = encoded([spec.path])
  switch (spec.method?.toUpperCase() ?? '') {
    case '':
    case 'GET':
      return session.read(path + queryOf(spec), signal)
    case 'LIST':
      return session.list(path, signal)
    case 'DELETE':
      throw new ProviderError('unsupported', 'the method DELETE is not served yet')
    default:
      return session.write(path, spec.parameters ?? {}, signal)
  }
}

function queryOf({ getParameters = {} }: VaultDynamicSecretSpec): string {
  const pairs = Object.entries(getParameters).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

function partOf(answer: string, part: 'Data' | 'Auth' | 'Raw'): ReadonlyMap<string, Uint8Array> {
  if (!isJson(answer)) throw new ProviderError('unavailable', 'the answer is not JSON')
  if (part === 'Raw') return typedEntries(answer)
  const document = documentOf(answer)?.raw ?? ''
  const found = [...members(document)].find(({ key }) => key === part.toLowerCase())?.value
  if (found?.kind === 'json') return typedEntries(found.raw)
  throw new ProviderError('unavailable', `there is no ${part.toLowerCase()} in the answer`)
}
