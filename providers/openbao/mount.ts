import { isJsonObject } from '../../machinery/json/member.ts'
import { ProviderError } from '../errors.ts'
import { encoded } from '../vault/paths.ts'
import type { VaultSession } from '../vault/session.ts'
import type { OpenBaoSpec } from './spec.ts'

/** That the mount is there, is a KV engine, and is of the version that the store says. */
export async function checkMount(
  spec: OpenBaoSpec & { readonly path: string },
  session: VaultSession,
  signal: AbortSignal,
): Promise<void> {
  const mount = mountOf(await answered(session, `sys/internal/ui/mounts/${encoded([spec.path])}`, signal))
  if (mount === undefined) throw new ProviderError('unavailable', 'the answer does not describe a mount')
  const { type, version } = mount
  if (type !== 'kv') throw new ProviderError('invalid-ref', `the mount ${spec.path} is not a KV secrets engine`)
  const wanted = spec.version ?? 'v2'
  if (version === wanted) return
  throw new ProviderError('invalid-ref', `the mount ${spec.path} is not of version ${wanted}`)
}

async function answered(session: VaultSession, path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await session.read(path, signal)
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== 'denied') throw error
    throw new ProviderError('auth-failed', `invalid OpenBao credentials: ${error.message}`)
  }
}

function mountOf(answer: string | undefined): { readonly type: unknown; readonly version: string } | undefined {
  const content = answer === undefined ? undefined : parsed(answer)
  const data = isJsonObject(content) ? content['data'] : undefined
  if (!isJsonObject(data)) return undefined
  const options = isJsonObject(data['options']) ? data['options'] : {}
  return { type: data['type'], version: options['version'] === '2' ? 'v2' : 'v1' }
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer)
  } catch {
    // The parser's text quotes the answer.
    return undefined
  }
}
