/** What Google Cloud's ways to log in end with. */
export interface GoogleToken {
  readonly token: string
  /** Seconds since the epoch. */
  readonly expiry: number
}

export const cloudPlatform = 'https://www.googleapis.com/auth/cloud-platform'
