import { placeOf } from '../base/error-place.ts'

/**
 * Node would print an error that nobody caught with its message, and a message may quote a value. A promise that nobody
 * waited for leaves its own work undone and nothing else, so the server goes on; after an exception its state is
 * anybody's guess, so it ends.
 */
export function tellLastWords(tell: (text: string) => void): void {
  process.on('uncaughtException', (error, origin) => {
    const name = error instanceof Error ? error.name : typeof error
    tell(`${JSON.stringify({ level: 'error', msg: 'an error met nobody', origin, name, at: placeOf(error) })}\n`)
    if (origin === 'uncaughtException') process.exit(1)
  })
}
