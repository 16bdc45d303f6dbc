import type { Clock } from '../../base/clock.ts'
import { OutboundError } from '../../base/outbound/outbound-error.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'
import type { ClusterClient } from '../client.ts'
import type { ReviewMetrics } from '../metrics/review-metrics.ts'

/** What a review needs: it is asked within a request that waits, so its patience is short. */
export interface Reviewer {
  readonly client: ClusterClient
  readonly clock: Clock
  readonly random: () => number
  readonly metrics?: ReviewMetrics
}

export interface ReviewKind {
  readonly path: string
  /** What clients of ours are reviewed for; absent: we ask about ourselves. */
  readonly sort?: 'authn' | 'authz'
}

/** k8s.io/apiserver's webhook back-off: five tries, half a second first. */
const tries = { count: 5, firstMs: 500, factor: 1.5, jitter: 0.2 }

/** The status of the review that is posted. */
export async function review(reviewer: Reviewer, kind: ReviewKind, body: unknown): Promise<JsonObject> {
  const { clock, random } = reviewer
  let pauseMs = tries.firstMs
  for (let left = tries.count - 1; ; left -= 1) {
    try {
      const { status } = await posted(reviewer, kind, body)
      return typeof status === 'object' && status !== null && !Array.isArray(status) ? (status as JsonObject) : {}
    } catch (error) {
      if (left === 0 || !isWorthAnother(error)) throw error
      await clock.sleep(pauseMs * (1 + tries.jitter * random()))
      pauseMs *= tries.factor
    }
  }
}

const created = 201

async function posted({ client, clock, metrics }: Reviewer, kind: ReviewKind, body: unknown): Promise<JsonObject> {
  const { path, sort } = kind
  const startMs = clock.monotonic()
  const tell = (code: number | undefined): void => {
    if (sort !== undefined) metrics?.reviewed(sort, { code, tookMs: clock.monotonic() - startMs })
  }
  try {
    const answer = await client.call({ method: 'POST', path, body })
    tell(created)
    return answer
  } catch (error) {
    tell(error instanceof StatusError ? error.code : undefined)
    throw error
  }
}

function isWorthAnother(error: unknown): boolean {
  if (error instanceof OutboundError) return error.code === 'unreachable'
  if (!(error instanceof StatusError)) return false
  return (
    error.code === 429 || error.code === 500 || error.code === 504 || error.details?.retryAfterSeconds !== undefined
  )
}
