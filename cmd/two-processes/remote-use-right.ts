import type { ClusterClient } from '../../cluster/client.ts'
import { pathOf } from '../../cluster/resource-client.ts'
import type {
  ExternalSecretUseReviewSpec,
  ExternalSecretUseReviewStatus,
} from '../../kinds/peers/external-secret-use-review/kind.ts'
import type { SyncerConfig } from '../../syncer/syncer.ts'

/**
 * Asked of the process that serves, through kube-apiserver and with a right of its own: who was admitted is known there
 * alone. Whatever is no answer rejects, and then nothing is refreshed.
 */
export function remoteUseRight(client: ClusterClient): NonNullable<SyncerConfig['mayUse']> {
  return async ({ metadata: { namespace = '', name = '', uid = '', generation = 0 } }) => {
    const path = pathOf(externalSecrets, { namespace, name, subresource: 'usereview' })
    const spec: ExternalSecretUseReviewSpec = { uid, generation }
    const body = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecretUseReview', spec }
    const { status } = await client.call({ method: 'POST', path, body })
    const { verdict, why = '' } = status as unknown as ExternalSecretUseReviewStatus
    if (verdict === 'Yes') return { verdict: 'yes' }
    return verdict === 'Superseded' ? { verdict: 'superseded' } : { verdict: 'no', why }
  }
}

const externalSecrets = { group: 'external-secrets.io', version: 'v1', plural: 'externalsecrets' }
