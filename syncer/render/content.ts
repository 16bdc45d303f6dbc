/** What a target is to hold, before anybody looks at what it holds now. */
export interface Content {
  readonly data: ReadonlyMap<string, Uint8Array>
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Added, never removed. */
  readonly finalizers: readonly string[]
  /** The type of the Secret, where the template names one. */
  readonly type?: string
}
