/** What may be tuned; the flags and their defaults stand in cmd/options.ts. */
export interface SyncerOptions {
  /** Stores with another `spec.controller` are left to others (--controller-class, "default"). */
  readonly controllerClass: string
  /** How many ExternalSecrets are worked on at once (--concurrent, 64); at most half of them wait for one store. */
  readonly workers: number
  /** How often a store without `spec.refreshInterval` is validated (--store-requeue-interval, 5m). */
  readonly storeRequeueIntervalMs: number
  /** A refresh that changed nothing writes status.refreshTime so seldom (--refresh-time-granularity, 1h). */
  readonly refreshTimeGranularityMs: number
  /**
   * How much older than its moment the value may be that a refresh by the clock is given (10s). Whatever has to be read
   * after a change is shared by all that wait and changed before it was read, for as long as their interval.
   */
  readonly valueAgeMaxMs: number
  /** What may be held of values at once (64 MiB). */
  readonly valueCacheBytesMax: number
  /** Calls to the provider of one store at once (16). */
  readonly storeConcurrency: number
  /** Calls to the provider of one store a second; 0 is no limit (0). */
  readonly storeCallsPerSecond: number
  /** One call to a provider, connecting included (30s). */
  readonly providerTimeoutMs: number
  /** A logged-in client that nobody used for so long is closed (10m). */
  readonly clientIdleMs: number
  /** Failures of one object: the first pause, doubled each time, and the longest (1s, 7m). */
  readonly retryFirstMs: number
  readonly retryMaxMs: number
  /** A store that nobody has judged yet is waited for so long before its ExternalSecrets call it not ready (10s). */
  readonly storeGraceMs: number
  /** A target that no watch tells of is looked at so often; 0 never (--drift-check-interval, 5m). */
  readonly driftCheckIntervalMs: number
  /** The longest pause between two looks at a store whose provider cannot be reached (--store-probe-max, 1s). */
  readonly storeProbeMaxMs: number
  /** A refresh by the clock waits so long for a store that is not ready, before it fails (--store-outage-grace, 2m). */
  readonly storeOutageGraceMs: number
  /** Events that wait to be written; more are dropped and counted (20000). */
  readonly eventsWaitingMax: number
  /** What a provider lacks counts when it still does so much later (--missing-confirmation-interval, 10s). */
  readonly missingConfirmationMs: number
  /** More Secrets a minute, or percent of all, that would lose something for it stop that (50, 10); 0 is no limit. */
  readonly deletionBrakeCount: number
  readonly deletionBrakePercent: number
  /** Whether it is remembered what generators make outside, to give it back (--enable-generator-state, true). */
  readonly keepsGeneratorState: boolean
  /** What was made outside is given back so long after a new one took its place (--generator-gc-grace-period, 2m). */
  readonly generatorGraceMs: number
  /** Whether foreign Secrets are taken over without their leave (--adopt, annotated). */
  readonly adoption: 'annotated' | 'always'
}
