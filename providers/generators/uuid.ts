import { randomUUID } from 'node:crypto'
import { textEntries, type Generator } from './generator.ts'

export const uuidGenerator: Generator<unknown> = {
  generate: async () => textEntries({ uuid: randomUUID() }),
}
