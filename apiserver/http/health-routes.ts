import { unknownPath } from '../../machinery/status-errors.ts'
import { answerHealth } from '../health/health.ts'
import type { Services } from '../services.ts'
import type { App, AppReply, AppRequest } from './app.ts'

/** The probes: open to everybody, answered whatever the load, and in text. */
export function healthRoutes(services: Services): (app: App) => Promise<void> {
  return async (app) => {
    for (const endpoint of ['healthz', 'livez', 'readyz']) {
      app.get(`/${endpoint}`, (request, reply) => answer(services, request, reply))
      app.get(`/${endpoint}/*`, (request, reply) => answer(services, request, reply))
    }
  }
}

function answer({ checks, log }: Services, request: AppRequest, reply: AppReply): void {
  const [path = '', search] = (request.raw.url ?? '').split('?', 2)
  const found = answerHealth(checks, path.replace(/\/+$/, ''), new URLSearchParams(search))
  if (found === undefined) throw unknownPath()
  for (const failure of found.failures) log.warn('a health check failed', { failure })
  reply
    .code(found.code)
    .header('audit-id', request.id)
    .header('cache-control', 'no-cache, private')
    .header('content-type', 'text/plain; charset=utf-8')
    .header('x-content-type-options', 'nosniff')
    .send(Buffer.from(found.text))
}
