// Generated from the folders of kinds/ by `npm run generate`. Do not edit.
import type { KindDeclaration } from '../apiserver/registry/kind.ts'
import { clusterSecretStore } from './cluster-secret-store/kind.ts'
import { configMap } from './core/config-map/kind.ts'
import { event } from './core/event/kind.ts'
import { lease } from './core/lease/kind.ts'
import { namespace } from './core/namespace/kind.ts'
import { secret } from './core/secret/kind.ts'
import { serviceAccount } from './core/service-account/kind.ts'
import { externalSecret } from './external-secret/kind.ts'
import { secretStore } from './secret-store/kind.ts'
import { clusterWidget } from './test/cluster-widget/kind.ts'
import { widget } from './test/widget/kind.ts'

export const kinds: readonly KindDeclaration[] = [clusterSecretStore, externalSecret, secretStore]
export const coreKinds: readonly KindDeclaration[] = [configMap, event, lease, namespace, secret, serviceAccount]
export const testKinds: readonly KindDeclaration[] = [clusterWidget, widget]
