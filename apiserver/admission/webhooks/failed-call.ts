/** The webhook could not be asked, or its answer could not be understood: `failurePolicy` decides. */
export class FailedCall extends Error {
  override readonly name = 'FailedCall'

  constructor(webhook: string, why: string) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`)
  }
}
