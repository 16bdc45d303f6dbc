import { admissionChain, type AdmissionCheck } from '../../apiserver/admission/admission.ts'
import { admissionMetrics } from '../../apiserver/admission/admission-metrics.ts'
import { CreationGate } from '../../apiserver/admission/creation-gate.ts'
import { namespaceLifecycle } from '../../apiserver/admission/namespace-lifecycle.ts'
import type { ReferenceRights } from '../../apiserver/admission/reference-rights.ts'
import { objectSize } from '../../apiserver/admission/object-size.ts'
import { dispatch } from '../../apiserver/endpoints/dispatch.ts'
import type { ApiResponse } from '../../apiserver/endpoints/endpoint.ts'
import { refusalOf } from '../../apiserver/errors.ts'
import { storedCodec } from '../../apiserver/registry/codec.ts'
import type { KindDeclaration } from '../../apiserver/registry/kind.ts'
import { namespaceStates } from '../../apiserver/registry/namespace-states.ts'
import { systemRandomness } from '../../apiserver/registry/randomness.ts'
import { type Registries, registriesOf } from '../../apiserver/registry/registries.ts'
import { watchMetrics } from '../../apiserver/registry/reads/watch-metrics.ts'
import { createRegistry } from '../../apiserver/registry/registry.ts'
import { kindRange } from '../../apiserver/registry/store-key.ts'
import type { UserInfo } from '../../apiserver/request-context.ts'
import type { RequestInfo } from '../../apiserver/request-info.ts'
import { systemClock, type Clock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import { Metrics } from '../../base/metrics.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import { statusOf } from '../../machinery/status-errors.ts'
import { openStorage } from '../../storage/cached-store.ts'
import { openBackend } from '../../storage/open.ts'

const minuteMs = 60_000

export interface Answer {
  readonly code: number
  readonly contentType: string
  readonly text: string
  readonly body: Body
  readonly warnings: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
}

/** Whatever the API answers, for tests to look into. */
export interface Body {
  readonly [member: string]: Body
}

/** A string or number of an answer as text; '' where there is none. */
export function textAt(body: Body | undefined, path: string): string {
  let value: unknown = body
  for (const member of path.split('.')) value = isJsonObject(value) ? value[member] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export interface Call {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Who asks; the administrator unless said. */
  readonly user?: UserInfo
}

/** The API of a set of kinds over storage in memory, without HTTP: for tests of what lies below it. */
export interface LocalApi extends AsyncDisposable {
  readonly registries: Registries
  readonly gate: CreationGate
  readonly clock: Clock
  /** `GET /api/v1/namespaces?limit=1`; an error comes back as its Status. */
  call(line: string, call?: Call): Promise<Answer>
  /** As they come, one event at a time, until `stop` aborts. */
  watch(path: string, call: Call & { signal: AbortSignal }): AsyncGenerator<Body>
}

export const admin: UserInfo = { name: 'admin', groups: ['system:masters'], extra: {} }

export interface LocalApiOptions {
  readonly kinds: readonly KindDeclaration[]
  readonly clock?: Clock
  readonly checks?: readonly AdmissionCheck[]
  readonly referenceRights?: ReferenceRights
  readonly historyCountMax?: number
  /** How long a read waits for a version that is to come. */
  readonly freshnessWaitMs?: number
  readonly metrics?: Metrics
}

export async function openLocalApi({
  kinds: declared,
  clock = systemClock,
  checks = [],
  referenceRights,
  historyCountMax = 10_000,
  freshnessWaitMs = 30_000,
  metrics = new Metrics(),
}: LocalApiOptions): Promise<LocalApi> {
  const log = silentLogger
  const kinds = declared.filter(({ review }) => review === undefined)
  const history = { historyCountMax, historyBytesMax: 32 * 1024 * 1024, historyMs: 5 * minuteMs }
  const backend = await openBackend({
    kind: 'memory',
    clock,
    log,
    commitDelayMs: 0,
    writeQueueLengthMax: 10_000,
    tailCountMax: 10_000,
    tailBytesMax: 64 * 1024 * 1024,
    retainMs: 5 * minuteMs,
    retainCount: 10_000,
    retainCountMax: 100_000,
    watchLagMax: 100_000,
    intervalMs: minuteMs,
  })
  const gate = new CreationGate()
  const stores = await Promise.all(
    kinds.map((kind) =>
      openStorage(backend, {
        ...history,
        range: kindRange(kind),
        codec: storedCodec(kind),
        clock,
        log,
        freshnessWaitMs,
        reloadDelayMs: 10,
      }),
    ),
  )
  let registries: Registries = registriesOf([])
  const lifecycle = namespaceLifecycle({ stateOf: (namespace) => namespaceStates(registries)(namespace), gate })
  const hasNamespaces = kinds.some((kind) => kind.names.plural === 'namespaces')
  const all = [...(hasNamespaces ? [lifecycle] : []), ...checks, objectSize(1_500_000)]
  const admission = admissionChain(all, admissionMetrics(metrics, clock))
  const asked = { ...(referenceRights && { referenceRights }), watchMetrics: watchMetrics(metrics) }
  registries = registriesOf(
    kinds.flatMap((kind, index) => {
      const storage = stores[index]
      return storage === undefined
        ? []
        : [createRegistry({ kind, storage, clock, random: systemRandomness, admission, ...asked })]
    }),
  )
  // The clock's own timers keep no process alive, and a test may wait for nothing else.
  const alive = new MessageChannel()
  alive.port1.ref()
  return {
    registries,
    gate,
    clock,
    call: (line, call = {}) => answered(registries, line, call),
    watch: (path, call) => events(registries, path, call),
    [Symbol.asyncDispose]: async () => {
      alive.port1.close()
      for (const store of stores) await store[Symbol.asyncDispose]()
      await backend[Symbol.asyncDispose]()
    },
  }
}

async function answered(registries: Registries, line: string, call: Call): Promise<Answer> {
  const warnings: string[] = []
  const annotations: Record<string, string> = {}
  try {
    const response = await respond(registries, line, { ...call, warnings, annotations })
    const text = await textOf(response)
    const contentType = response.type === 'object' ? 'application/json' : response.contentType
    return { code: response.code, contentType, text, body: JSON.parse(text) as Body, warnings, annotations }
  } catch (error) {
    const status = statusOf(refusalOf(error)) as unknown as Body
    if (process.env['DEBUG'] !== undefined) process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`)
    return {
      code: Number(status['code']),
      contentType: 'application/json',
      text: JSON.stringify(status),
      body: status,
      warnings,
      annotations,
    }
  }
}

async function* events(registries: Registries, path: string, call: Call): AsyncGenerator<Body> {
  const response = await respond(registries, `GET ${path}`, { ...call, warnings: [], annotations: {} })
  if (response.type !== 'stream') throw new Error('not a stream')
  for await (const piece of response.pieces) {
    for (const line of Buffer.from(piece).toString().trimEnd().split('\n')) yield JSON.parse(line) as Body
  }
}

async function textOf(response: ApiResponse): Promise<string> {
  if (response.type === 'object') return JSON.stringify(response.object)
  if (response.type === 'bytes') return Buffer.from(response.body).toString()
  const pieces: Uint8Array[] = []
  for await (const piece of response.pieces) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

interface Told {
  readonly warnings: string[]
  readonly annotations: Record<string, string>
}

function respond(registries: Registries, line: string, call: Call & Told): Promise<ApiResponse> {
  const [method = '', target = ''] = line.split(' ')
  const url = new URL(target, 'http://localhost')
  return dispatch(registries, {
    info: infoOf(method, url),
    query: url.searchParams,
    headers: { 'content-type': 'application/json', 'user-agent': 'tester/1.0', ...call.headers },
    body: bytesOf(call.body),
    context: {
      user: call.user ?? admin,
      auditId: '',
      signal: call.signal ?? new AbortController().signal,
      isAborted: call.signal?.aborted === true,
      log: silentLogger,
      warn: (text) => call.warnings.includes(text) || call.warnings.push(text),
      annotate: (key, value) => {
        call.annotations[key] = value
      },
    },
  })
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  GET: 'get',
}

function infoOf(method: string, url: URL): RequestInfo {
  const segments = url.pathname.slice(1).split('/').map(decodeURIComponent)
  const isCore = segments[0] === 'api'
  const [group = '', version = ''] = isCore ? ['', segments[1]] : [segments[1], segments[2]]
  let rest = segments.slice(isCore ? 2 : 3)
  const isInNamespace = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status'
  const namespace = rest[0] === 'namespaces' && rest.length > 1 ? (rest[1] ?? '') : ''
  if (isInNamespace) rest = rest.slice(2)
  const [resource = '', name = '', subresource = ''] = rest
  const isWatch = url.searchParams.get('watch') === 'true'
  const many: Readonly<Record<string, string>> = { get: isWatch ? 'watch' : 'list', delete: 'deletecollection' }
  const verb = verbs[method] ?? ''
  return {
    isResourceRequest: true,
    path: url.pathname,
    verb: name === '' ? (many[verb] ?? verb) : verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
  }
}

/** Bytes and texts as they are, nothing as nothing, everything else as JSON. */
function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  return Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body))
}
