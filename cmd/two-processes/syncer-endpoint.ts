import type { ApiRequest, ApiResponse } from '../../apiserver/endpoints/endpoint.ts'
import type { RequestInfo, ResourcePath } from '../../apiserver/request-info.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import { badRequest, unknownPath } from '../../machinery/status-errors.ts'
import { type AskedSyncer, externalSecrets, group, type SyncerCall, version } from './syncer-calls.ts'

/** Answers the other process, and nobody else comes as far as here. */
export function syncerEndpoint(syncer: AskedSyncer): (request: ApiRequest) => Promise<ApiResponse> {
  return async ({ info, body, context }) => {
    const call = callOf(body)
    checkPlace(info, call)
    return {
      type: 'object',
      code: 200,
      object: { ...(await answerTo(syncer, call, { info, signal: context.signal })) },
    }
  }
}

interface About {
  readonly info: RequestInfo
  readonly signal: AbortSignal
}

async function answerTo(
  { verbs, lastSyncTimes }: AskedSyncer,
  call: SyncerCall,
  { info, signal }: About,
): Promise<object> {
  const { name, namespace, resource } = info
  const kind = resource === 'secretstores' ? 'SecretStore' : 'ClusterSecretStore'
  switch (call.call) {
    case 'refresh':
      return verbs.refresh({ metadata: { namespace, name, generation: call.generation } }, signal)
    case 'preview':
      return verbs.preview(call.object, call.options)
    case 'test-store':
      return verbs.testStore({ kind, namespace, name }, call.spec)
    case 'refresh-store':
      return { refreshing: await verbs.refreshStore({ kind, namespace, name }, call.which) }
    case 'last-sync-times':
      return lastSyncTimes(signal)
  }
}

const places: Readonly<Record<SyncerCall['call'], readonly string[]>> = {
  refresh: [`${externalSecrets}/refresh`],
  preview: [`${externalSecrets}/preview`],
  'test-store': ['secretstores/test', 'clustersecretstores/test'],
  'refresh-store': ['secretstores/refresh', 'clustersecretstores/refresh'],
  'last-sync-times': [`${externalSecrets}/`],
}

export const syncerResources: readonly ResourcePath[] = Object.values(places)
  .flat()
  .map((place) => {
    const [resource = '', subresource = ''] = place.split('/')
    return { group, version, resource, subresource }
  })

function checkPlace(info: RequestInfo, { call }: SyncerCall): void {
  const isPlace = info.group === group && places[call].includes(`${info.resource}/${info.subresource}`)
  if (!isPlace) throw unknownPath()
}

/** Written by the other process, whose certificate was shown: its form is not judged again. */
function callOf(body: Uint8Array): SyncerCall {
  try {
    const call: unknown = JSON.parse(Buffer.from(body).toString())
    if (isJsonObject(call) && Object.hasOwn(places, String(call['call']))) return call as unknown as SyncerCall
  } catch {
    // Told below, in words of ours.
  }
  throw badRequest('this is no call of ours')
}
