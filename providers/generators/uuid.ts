import { randomUUID } from 'node:crypto'
import type { Generator } from './generator.ts'

export const uuidGenerator: Generator<unknown> = {
  generate: async () => new Map([['uuid', Buffer.from(randomUUID())]]),
}
