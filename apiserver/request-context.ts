import type { Logger } from '../base/log.ts'

/** Who asks: authentication/ fills it, authorization/ and admission/ read it. */
export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** What accompanies one request on its way down. */
export interface RequestContext {
  readonly user: UserInfo
  readonly auditId: string
  /** By the clock that goes on evenly; absent where nothing is counted. */
  readonly startMs?: number
  /** Aborts when the client is gone, the request's time is up or the server shuts down. */
  readonly signal: AbortSignal
  /** The same for those who look now and then: a signal is made for whoever asks for it. */
  readonly isAborted: boolean
  readonly log: Logger
  /** Texts for Warning headers, each once, in order of first use. */
  warn(text: string): void
  /** For the audit trail: what admission decided, by qualified name. */
  annotate?(key: string, value: string): void
  /** For metrics: the time between was not this server's; both by the clock that goes on evenly. */
  waited?(fromMs: number, untilMs: number): void
}
