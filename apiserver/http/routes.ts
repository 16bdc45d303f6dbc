import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { IncomingHttpHeaders } from 'node:http'
import underPressure from '@fastify/under-pressure'
import { StatusError } from '../../machinery/status.ts'
import {
  badRequest,
  methodNotAllowed,
  serviceUnavailable,
  unauthorized,
  unknownPath,
} from '../../machinery/status-errors.ts'
import { anonymous } from '../authentication/union.ts'
import type { Decision } from '../authorization/authorizer.ts'
import { refusal } from '../authorization/refusal.ts'
import type { Identity } from '../authentication/authenticator.ts'
import type { ApiRequest, ApiResponse } from '../endpoints/endpoint.ts'
import { tooMany } from '../flow-control/place.ts'
import { priorityLevelOf } from '../flow-control/priority-level.ts'
import { parseRequestInfo, type RequestInfo } from '../request-info.ts'
import type { Services } from '../services.ts'
import { impersonatorOf } from '../authentication/impersonation.ts'
import { sendAnswer } from './sending/answer.ts'
import type { App, AppReply, AppRequest } from './app.ts'
import { readBody } from './body.ts'
import { arrivedOf, credentialsOf } from './connection.ts'
import { Exchange } from './exchange.ts'
import { isLeaving } from './connections/last-answer.ts'

/**
 * Every path but the health checks, step by step: begin, who, too much, may they, answer. Each step is a hook that lets
 * the request pass or throws a StatusError; errors meet in `sendFailure`.
 */
export function apiRoutes(services: Services): (app: App) => Promise<void> {
  return async (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      begin(services, request, reply)
      done()
    })
    app.addHook('onRequest', (request, _reply, done) => {
      const credentials = credentialsOf(request.raw)
      request.exchange?.audit?.authenticating(() => impersonatorOf(credentials))
      const found = services.authenticate(credentials)
      return settled(found, (identity) => identify(services, exchangeOf(request), identity), done)
    })
    await app.register(underPressure, { ...services.pressure, pressureHandler: (request) => shed(exchangeOf(request)) })
    app.addHook('onRequest', (request, _reply, done) => {
      const exchange = exchangeOf(request)
      const decide = (): MaybePromise<Decision> => services.authorize(exchange.user, exchange.info)
      const seated = enter(services, exchange)
      const found = seated === undefined ? decide() : exchange.unlessAborted(seated).then(decide)
      return settled(found, (decision) => permit(exchange, decision), done)
    })
    app.all('/*', (request, reply) => answer(services, request, reply))
    // Methods that Fastify does not know take the same steps, and so do content types that it cannot read: what a verb
    // takes is the endpoint's to say.
    app.setNotFoundHandler((request, reply) => answer(services, request, reply))
    app.setErrorHandler((error, request, reply) => {
      if (!isUnreadableType(error)) throw error
      return answer(services, request, reply)
    })
  }
}

/** It is thrown behind the hooks: who asks, and whether they may, has been answered. */
function isUnreadableType(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
}

/** Most identities and decisions are at hand and used at once: a promise for each would cost more than they. */
function settled<T>(found: MaybePromise<T>, use: (value: T) => void, done: () => void): Promise<void> | undefined {
  if (found instanceof Promise) return found.then(use)
  use(found)
  done()
  return undefined
}

function exchangeOf(request: { readonly exchange: Exchange | undefined }): Exchange {
  if (request.exchange === undefined) throw unknownPath()
  return request.exchange
}

function begin(services: Services, request: AppRequest, reply: AppReply): void {
  reply.header('audit-id', request.id).header('cache-control', 'no-cache, private')
  const { url = '' } = request.raw
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1))
  const info = parseRequestInfo(request.method, path, query)
  const exchange = new Exchange({ info, query, auditId: request.id, log: services.log, clock: services.clock })
  request.exchange = exchange
  if (info.verb === 'patch') exchange.isApply = isApplyType(request.headers['content-type'])
  exchange.audit = services.audit?.begin({ auditId: request.id, info, ...arrivedOf(request.raw) })
  reply.raw.once('close', () => end(services, exchange, reply))
  services.live.add(exchange, reply.raw)
  services.measure.begin(exchange)
  if (services.state.isStopping) throw stopping()
  if (isLeaving(request.raw)) throw clientGone
  services.live.limit(exchange)
}

const noQuery = new URLSearchParams()

function isApplyType(contentType = ''): boolean {
  return contentType.startsWith('application/apply-patch+')
}

/** The answer is out, or its reader is gone. */
function end(services: Services, exchange: Exchange, { raw }: AppReply): void {
  if (!raw.writableEnded) exchange.abort(clientGone)
  services.live.delete(exchange)
  exchange.place?.leave()
  services.measure.end(exchange, raw.statusCode)
  exchange.audit?.ended(raw.statusCode)
}

/** Nobody reads it. */
const clientGone = new StatusError({ code: 499, reason: '', message: 'the client is gone' })

function stopping(): StatusError {
  return serviceUnavailable('apiserver is shutting down', { retryAfterSeconds: 1 })
}

function identify(services: Services, exchange: Exchange, identity: Identity): void {
  if (identity === 'refused') throw unauthorized()
  if (identity === undefined && !services.publicPaths.includes(exchange.info.path)) throw unauthorized()
  exchange.user = identity ?? anonymous
  exchange.audit?.identified(exchange.user)
}

async function shed({ user, info }: Exchange): Promise<void> {
  if (priorityLevelOf(user, info) !== 'exempt') throw tooMany()
}

/** What is waited for; undefined when there is room. The place is left in `end`, which may have been already. */
function enter({ flow }: Services, exchange: Exchange): Promise<void> | undefined {
  exchange.throwIfAborted()
  exchange.place = flow.enter(exchange)
  const { seated } = exchange.place
  if (seated === undefined) return undefined
  const { clock } = exchange
  const startMs = clock.monotonic()
  exchange.queuedMs = startMs
  return seated.then(() => {
    exchange.queuedMs = undefined
    exchange.waited(startMs, clock.monotonic())
  })
}

function permit({ user, info, audit }: Exchange, decision: Decision): void {
  audit?.decided(decision)
  if (decision.verdict !== 'allow') throw refusal(user, info, decision.reason)
}

async function answer(services: Services, request: AppRequest, reply: AppReply): Promise<void> {
  const exchange = exchangeOf(request)
  const answered = answerTo(services, exchange, request)
  const found = answered instanceof Promise ? await exchange.unlessAborted(answered) : answered
  exchange.audit?.answered(found)
  const warnings = exchange.warningHeaders()
  if (warnings.length > 0) reply.header('warning', warnings)
  const sending = sendAnswer({ request, reply, limits: services.streams }, found, exchange.query)
  if (sending !== undefined) await sending
}

function answerTo(services: Services, exchange: Exchange, request: AppRequest): MaybePromise<ApiResponse> {
  const { info, query } = exchange
  if (!info.isResourceRequest) return documentAnswer(services, exchange, request)
  if (!isServed(request.method, info)) throw methodNotAllowed()
  const headers = flatHeaders(request.headers)
  const dispatch = (body: Uint8Array): Promise<ApiResponse> => {
    exchange.audit?.received(body, headers['content-type'])
    return services.dispatch({ info, query, headers, body, context: exchange })
  }
  if (!bodyMethods.has(request.method)) return dispatch(noBody)
  const bodyBytesMax = services.bodyBytesMaxOf?.(info)
  const limits = bodyBytesMax === undefined ? services.bodies : { ...services.bodies, bodyBytesMax }
  return readBody(request.raw, exchange, limits).then(dispatch)
}

/** A path below `watch` is that verb to the rules whatever the method; like every watch it is there for GET alone. */
function isServed(method: string, { verb }: RequestInfo): boolean {
  return method === 'GET' || (method !== 'HEAD' && verb !== 'watch')
}

/** Node joins repeated headers, but for this one, which no client of the API sends. */
function flatHeaders(headers: IncomingHttpHeaders): ApiRequest['headers'] {
  if (isFlat(headers)) return headers
  throw badRequest('a request cannot set cookies')
}

function isFlat(headers: IncomingHttpHeaders): headers is Record<string, string | undefined> {
  return headers['set-cookie'] === undefined
}

const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
const noBody = new Uint8Array()

function documentAnswer(services: Services, { info, query }: Exchange, request: AppRequest): ApiResponse {
  const document = services.documents.get(info.path.replace(/\/+$/, '') || '/')
  if (document === undefined) throw unknownPath()
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed()
  const { accept, 'if-none-match': ifNoneMatch } = request.headers
  return document({ accept, ifNoneMatch, hash: query.get('hash') ?? undefined })
}
