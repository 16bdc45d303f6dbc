import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { StoreRefreshSpec } from '../../kinds/verbs/store-refresh/kind.ts'
import type { StoreTestSpec } from '../../kinds/verbs/store-test/kind.ts'
import type { StorePlace } from '../../syncer/stores/store-ref.ts'
import type { AskedVerbs } from '../parts/verbs/answering-parts.ts'

/**
 * What crosses between the two processes. Who is asked about stands in the path, as people ask for it at the API; the
 * rest is a body of these. Whether they may has been found out before.
 */
export type SyncerCall =
  | { readonly call: 'refresh'; readonly generation: number }
  | {
      readonly call: 'preview'
      readonly object: ExternalSecret
      readonly options: Parameters<AskedVerbs['preview']>[1]
    }
  | { readonly call: 'test-store'; readonly spec: StoreTestSpec }
  | { readonly call: 'refresh-store'; readonly which: StoreRefreshSpec }
  /** Of all ExternalSecrets, for tables. */
  | { readonly call: 'last-sync-times' }

/** The syncer as the other process asks it. */
export interface AskedSyncer {
  readonly verbs: AskedVerbs
  /** By UID. */
  readonly lastSyncTimes: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>
}

/** Its path, below the version; '' is what it does not have. */
export interface AskedPlace {
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
}

export const group = 'external-secrets.io'
export const version = 'v1'
export const externalSecrets = 'externalsecrets'

export function storeResource({ kind }: StorePlace): string {
  return kind === 'SecretStore' ? 'secretstores' : 'clustersecretstores'
}
