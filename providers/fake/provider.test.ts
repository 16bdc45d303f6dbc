import t from 'tap'
import { providerConformance } from '../conformance.ts'
import { fake } from './provider.ts'

providerConformance(t, {
  provider: fake,
  spec: (_, values) => ({
    data: Object.entries(values).map(([key, value]) => ({ key, value: JSON.stringify(value) })),
  }),
  credentials: {},
  serve: () => () => undefined,
  without: { credentials: 'it has none', network: 'it uses none' },
})
