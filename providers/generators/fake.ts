import { textEntries, type PassingGenerator } from './generator.ts'
import type { FakeGeneratorSpec } from './schemas/local.ts'

export const fakeGenerator: PassingGenerator<FakeGeneratorSpec> = {
  generate: async ({ data = {} }) => textEntries(data),
}
