import type { Clock } from '../../base/clock.ts'
import type { Metrics } from '../../base/metrics.ts'
import { observed, type Observer } from '../../base/waiting/maybe-promise.ts'
import type { Authenticator, Identity } from '../authentication/authenticator.ts'
import type { Authorizer, Decision } from './authorizer.ts'

export interface AccessMetrics {
  authenticated(authenticate: Authenticator): Authenticator
  authorized(authorize: Authorizer): Authorizer
}

const bounds = Array.from({ length: 15 }, (_, index) => 0.001 * 2 ** index)

/** Counts who asks and whether they may, under the names of k8s.io/apiserver/pkg/endpoints/filters. */
export function accessMetrics(metrics: Metrics, clock: Clock): AccessMetrics {
  const counted = (name: string, help: string) => {
    const attempts = metrics.counter(name, `${help}.`)
    const duration = metrics.histogram(durationOf(name), `${help}: how long that took.`, bounds)
    const series = new Map<string, (durationMs: number) => void>()
    const seriesOf = (result: string): ((durationMs: number) => void) => {
      const [count, took] = [attempts.of({ result }), duration.of({ result })]
      return (durationMs) => {
        count.add()
        took.observe(durationMs / 1000)
      }
    }
    return (result: string, startMs: number): void => {
      const tell = series.get(result) ?? seriesOf(result)
      series.set(result, tell)
      tell(clock.monotonic() - startMs)
    }
  }
  const identities = counted('authentication_attempts', 'Credentials that were looked at')
  const decisions = counted('authorization_attempts_total', 'Questions whether somebody may do something')
  return {
    authenticated: (authenticate) => observed(authenticate, toldOf(clock, identityResult, identities)),
    authorized: (authorize) => observed(authorize, toldOf(clock, decisionResult, decisions)),
  }
}

function durationOf(name: string): string {
  return name.replace(/_attempts(_total)?$/, '_duration_seconds')
}

function identityResult(identity: Identity): string {
  return identity === undefined || identity === 'refused' ? 'failure' : 'success'
}

function decisionResult({ verdict }: Decision): string {
  return results[verdict]
}

const results = { allow: 'allowed', deny: 'denied', 'no-opinion': 'no-opinion' } as const

function toldOf<T>(
  clock: Clock,
  resultOf: (found: T) => string,
  tell: (result: string, startMs: number) => void,
): Observer<unknown, T> {
  return {
    begun: () => clock.monotonic(),
    fulfilled: (startMs, found) => tell(resultOf(found), startMs),
    rejected: (startMs) => tell('error', startMs),
  }
}
