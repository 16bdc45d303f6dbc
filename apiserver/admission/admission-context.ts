import type { JsonObject } from '../../machinery/object.ts'

/** What a request tells admission beside the write itself; writes of the server's own controllers tell nothing. */
export interface AdmissionContext {
  /**
   * The members of CreateOptions, UpdateOptions or DeleteOptions that were sent; the kind follows from the write. Made
   * for those who ask.
   */
  readonly options: () => JsonObject
  /** For the audit trail. */
  readonly annotate: (key: string, value: string) => void
  /** Made for those who ask. */
  readonly signal: () => AbortSignal | undefined
  /** For metrics: the time between was somebody else's. */
  readonly waited: (fromMs: number, untilMs: number) => void
}

export const silentContext: AdmissionContext = {
  options: () => ({}),
  annotate: () => undefined,
  signal: () => undefined,
  waited: () => undefined,
}
