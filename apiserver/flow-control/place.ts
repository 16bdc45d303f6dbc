import { tooManyRequests } from '../../machinery/status-errors.ts'
import type { StatusError } from '../../machinery/status.ts'

/** What a request holds while it is worked on. */
export interface Place {
  /** Until there is room; undefined: there was. Rejects with 429 when there is none in time. */
  readonly seated: Promise<void> | undefined
  /** However the request ended, once; who still waits gives up. */
  leave(): void
}

/** Reasons of `apiserver_flowcontrol_rejected_requests_total`, as kube-apiserver names them. */
export type RejectionReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled'

/** Hears what becomes of requests; for numbers only. */
export interface FlowReport {
  seated(waitMs: number): void
  rejected(reason: RejectionReason): void
}

export function tooMany(): StatusError {
  return tooManyRequests('Too many requests, please try again later.', 1)
}
