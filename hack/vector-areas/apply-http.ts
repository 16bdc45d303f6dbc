import type { ApiRequest } from '../../apiserver/endpoints/endpoint.ts'
import { type WriteOptions, writeOptionsOf } from '../../apiserver/endpoints/request/write-options.ts'
import { parseRequestInfo } from '../../apiserver/request-info.ts'
import { silentLogger } from '../../base/log.ts'
import { createFieldManager } from '../../machinery/apply/field-manager.ts'
import { deducedType } from '../../machinery/apply/types/object-type.ts'
import { systemClock } from '../../base/clock.ts'
import { StatusError } from '../../machinery/status.ts'
import { statusOf } from '../../machinery/status-errors.ts'
import type { VectorArea, VectorOutcome } from './area.ts'
import { caseList } from './case-list.ts'

/** Level 4 of server-side apply: options of a write and the name of its manager. */
export const httpAreas: readonly VectorArea[] = [
  {
    name: 'patchOptionErrors',
    cases: (file) =>
      caseList<OptionsCase>(file, 'patchOptionErrors').map((one, index) => ({
        name: `${index} ${JSON.stringify(one.query)}`,
        run: () => options(one),
      })),
  },
  {
    name: 'managerFromUserAgent',
    cases: (file) =>
      caseList<AgentCase>(file, 'managerFromUserAgent').map((one) => ({ name: one.userAgent, run: () => agent(one) })),
  },
]

interface OptionsCase {
  readonly contentType: string
  readonly query: Readonly<Record<string, string>>
  readonly status: object | null
}

function options(one: OptionsCase): VectorOutcome {
  const kind = one.contentType.startsWith('application/apply-patch') ? 'ApplyOptions' : 'PatchOptions'
  try {
    writeOptionsOf(patchRequest(new URLSearchParams(one.query), {}), kind)
    return { expected: one.status, actual: null }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const { kind: _, apiVersion: __, ...status } = statusOf(error)
    return { expected: one.status, actual: status }
  }
}

interface AgentCase {
  readonly userAgent: string
  readonly prefix: string
  readonly manager: string
}

function agent(one: AgentCase): VectorOutcome {
  const { write } = writeOptionsOf(patchRequest(new URLSearchParams(), { 'user-agent': one.userAgent }), 'PatchOptions')
  return {
    expected: { prefix: one.prefix, manager: one.manager },
    actual: { prefix: write.fieldManager, manager: recordedManager(write) },
  }
}

/** Whom a create names in managedFields. */
function recordedManager(write: WriteOptions['write']): string | undefined {
  const types = new Map([['v1', deducedType]])
  const manager = createFieldManager({ kind: 'Thing', types, resetFields: () => ({}), clock: systemClock })
  const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' }, data: { a: 'b' } }
  const origin = { manager: write.fieldManager, apiVersion: 'v1', subresource: '' }
  const created = manager.update(undefined, object, { ...origin, convert: (same) => same })
  return created.metadata.managedFields?.[0]?.manager
}

function patchRequest(query: URLSearchParams, headers: ApiRequest['headers']): ApiRequest {
  const user = { name: 'someone', groups: [], extra: {} }
  const { signal } = new AbortController()
  return {
    info: parseRequestInfo('PATCH', '/api/v1/namespaces/ns/things/x', query),
    query,
    headers,
    body: new Uint8Array(),
    context: { user, auditId: '', isAborted: false, signal, log: silentLogger, warn: () => {} },
  }
}
