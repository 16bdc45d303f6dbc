export declare class TapSummary {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly skips: readonly string[]
  constructor(print: (text: string) => void)
  line(text: string): void
}
