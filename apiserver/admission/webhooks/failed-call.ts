/** The webhook could not be asked, or its answer could not be understood: `failurePolicy` decides. */
export class FailedCall extends Error {
  override readonly name = 'FailedCall'
  /** Of HTTP, as metrics tell it: what the webhook answered, or what kube-apiserver calls the failure. */
  readonly code: number

  constructor(webhook: string, why: string, code: number) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`)
    this.code = code
  }
}
