import t from 'tap'
import { systemClock } from '../../base/clock.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'
import type { ClusterClient } from '../client.ts'
import { tokenAcceptance } from './token-acceptance.ts'

const user = { username: 'ann' }
const known = { authenticated: true, audiences: ['theirs'], user }
const forbidden = new StatusError({ code: 403, reason: 'Forbidden', message: 'no' })

t.test('whether the cluster itself accepts a token is answered, or cannot be told', async (t) => {
  t.same(await told({ authenticated: true, user }), [true, undefined])
  t.same(await told({ user: {} }, known), [false, undefined, ['theirs']])
  const unknown = { code: 'cluster-answer', message: /a token that was just made is not known$/ }
  t.match(await told({ user: {}, error: 'canary' }, { user: {}, error: 'canary' }), [unknown])
  t.match(await told({}, {}), [unknown], 'whoever answers is no kube-apiserver')
  t.match(await told({ user: {} }, { ...known, audiences: [] }), [unknown], 'a cluster that looked at no audience')
  t.match(await told(forbidden), [{ code: 403 }])
  t.match(await told({ user: {} }, forbidden), [{ code: 403 }])
})

/** What comes of these statuses of TokenReviews, and the audiences that were asked for. */
async function told(...statuses: readonly (JsonObject | StatusError)[]): Promise<readonly unknown[]> {
  const asked: unknown[] = []
  const left = [...statuses]
  const client: ClusterClient = {
    call: async ({ body }) => {
      const status = left.shift() ?? {}
      asked.push((body as { spec: { audiences?: unknown } }).spec.audiences)
      if (status instanceof StatusError) throw status
      return { status }
    },
    stream: () => Promise.reject(new Error('nothing is watched')),
    [Symbol.asyncDispose]: async () => undefined,
  }
  const accepts = tokenAcceptance({ client, clock: systemClock, random: () => 0 })
  const outcome: unknown = await accepts('t', ['theirs']).catch((error: unknown) => error)
  return [outcome, ...asked]
}
