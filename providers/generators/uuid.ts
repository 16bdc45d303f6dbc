import { randomUUID } from 'node:crypto'
import { textEntries, type PassingGenerator } from './generator.ts'

export const uuidGenerator: PassingGenerator<unknown> = {
  generate: async () => textEntries({ uuid: randomUUID() }),
}
