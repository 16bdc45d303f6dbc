/** Of a TokenReview: who shows the token, or undefined when it means nothing. */
export type ReviewedUser =
  | {
      readonly username: string
      readonly uid?: string
      readonly groups: readonly string[]
      readonly extra: Readonly<Record<string, readonly string[]>>
    }
  | undefined
