import type { Clock } from '../base/clock.ts'

/** The token a client shows. Invariant: whoever asks while one is being fetched waits for that one. */
export interface TokenSource {
  current(): Promise<string>
  /**
   * Asks for a new one after a refusal; `false` where there is none to ask for, or the last one is too young to blame.
   */
  renew(): Promise<boolean>
}

export interface IssuedToken {
  readonly token: string
  /** Absent for one that does not end. */
  readonly lifeMs?: number
}

export function staticToken(token: string): TokenSource {
  return { current: async () => token, renew: async () => false }
}

/**
 * Exchanges its token a minute before it ends (halfway through a short life), and after a refusal, once a minute at
 * most.
 */
export async function renewableToken(ask: () => Promise<IssuedToken>, clock: Clock): Promise<TokenSource> {
  let issued = ask()
  let askedAt = clock.monotonic()
  let until = Number.POSITIVE_INFINITY
  const settle = async () => {
    try {
      const { token, lifeMs } = await issued
      until = lifeMs === undefined ? Number.POSITIVE_INFINITY : askedAt + Math.max(lifeMs - minuteMs, lifeMs / 2)
      return token
    } catch (error) {
      until = 0
      throw error
    }
  }
  const exchange = () => {
    issued = ask()
    askedAt = clock.monotonic()
    until = Number.POSITIVE_INFINITY
    return settle()
  }
  await settle()
  return {
    current: () => (clock.monotonic() < until ? settle() : exchange()),
    async renew() {
      if (clock.monotonic() - askedAt < minuteMs) return false
      await exchange()
      return true
    },
  }
}

const minuteMs = 60_000
