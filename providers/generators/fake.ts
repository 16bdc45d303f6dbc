import type { Generator } from './generator.ts'
import type { FakeGeneratorSpec } from './schemas/local.ts'

export const fakeGenerator: Generator<FakeGeneratorSpec> = {
  generate: async ({ data = {} }) => new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)])),
}
