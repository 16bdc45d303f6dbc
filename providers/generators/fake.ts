import { textEntries, type Generator } from './generator.ts'
import type { FakeGeneratorSpec } from './schemas/local.ts'

export const fakeGenerator: Generator<FakeGeneratorSpec> = {
  generate: async ({ data = {} }) => textEntries(data),
}
