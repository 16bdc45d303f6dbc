import type { Clock } from '../../base/clock.ts'

export interface TokenSource {
  /** The token to send now. */
  current(): Promise<string>
  /** Asks for a new one after a refusal; `false` where there is none to ask for, or the last one is too young to blame. */
  renew(): Promise<boolean>
}

export function staticToken(token: string): TokenSource {
  return { current: async () => token, renew: async () => false }
}

/** Tokens live an hour and are exchanged after 45 minutes; a refusal exchanges them earlier, once a minute at most. */
export async function renewable(ask: () => Promise<string>, clock: Clock): Promise<TokenSource> {
  let token = ask()
  let since = clock.monotonic()
  const exchange = () => {
    token = ask()
    since = clock.monotonic()
    return token
  }
  await token
  return {
    current: () => (clock.monotonic() - since < lifeMs ? token : exchange()),
    renew: async () => {
      if (clock.monotonic() - since < pauseMs) return false
      await exchange()
      return true
    },
  }
}

const lifeMs = 45 * 60_000
const pauseMs = 60_000
