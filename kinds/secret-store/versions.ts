import type { VersionDeclaration } from '../../apiserver/registry/kind.ts'
import { deprecationOf } from '../shared/deprecation.ts'
import { secretStoreV1 } from './v1.ts'
import { secretStoreV1alpha1, v1alpha1Conversion } from './v1alpha1.ts'
import { secretStoreV1beta1, v1beta1Conversion } from './v1beta1.ts'

/** SecretStore and ClusterSecretStore say the same in every version. */
export function storeVersions(
  kind: 'SecretStore' | 'ClusterSecretStore',
): Readonly<Record<string, VersionDeclaration>> {
  return {
    v1: { schema: secretStoreV1 },
    v1beta1: {
      schema: secretStoreV1beta1,
      conversion: v1beta1Conversion,
      deprecationWarning: deprecationOf('v1beta1', kind),
    },
    v1alpha1: {
      schema: secretStoreV1alpha1,
      conversion: v1alpha1Conversion,
      deprecationWarning: deprecationOf('v1alpha1', kind),
    },
  }
}
