import { createHmac } from 'node:crypto'
import { ProviderError } from '../errors.ts'
import { fromBase32 } from './base32.ts'
import { textEntries, type PassingGenerator } from './generator.ts'
import type { MfaSpec } from './schemas/local.ts'

/** TOTP (RFC 6238) with SHA-1: the original does not read `algorithm`, and codes must be those it gave. */
export const mfaGenerator: PassingGenerator<MfaSpec> = {
  async generate({ secret, length = 6, timePeriod = 30, when }, { references, clock }) {
    if (length < 1 || length > 10) throw new ProviderError('invalid-ref', 'length must be between 1 and 10')
    if (timePeriod < 1) throw new ProviderError('invalid-ref', 'timePeriod must be at least 1')
    const key = fromBase32(await references.secretKey(secret))
    const seconds = Math.floor((when === undefined ? clock.now() : Date.parse(when)) / 1000)
    const token = codeOf(key, Math.floor(seconds / timePeriod), length)
    const timeLeft = timePeriod - (seconds % timePeriod)
    return textEntries({ token, timeLeft: String(timeLeft) })
  },
}

/** HOTP (RFC 4226, 5.3): four bytes from where the last half byte says. */
function codeOf(key: Uint8Array, counter: number, length: number): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const digest = createHmac('sha1', key).update(message).digest()
  const offset = (digest.at(-1) ?? 0) & 0xf
  const number = digest.readUInt32BE(offset) & 0x7fffffff
  return String(number).padStart(length, '0').slice(-length)
}
