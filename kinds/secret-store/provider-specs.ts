import type { ProviderSpec } from '../../providers/provider.ts'

/** Stands in for providers/catalog.gen.ts until it is there. */
export const providerSpecs: readonly ProviderSpec<never>[] = []
