import { type ConfigMap, StoreConfigMap } from '../../../cluster/store-identity/store-config-map.ts'
import type { Options } from '../../options.ts'
import type { Cluster } from './cluster.ts'

/** Where it is written which store the cluster knows. */
export function storePage({ storeIdentityNamespace }: Options, { prompt, promptApply }: Cluster): StoreConfigMap {
  const calls = { configMaps: prompt<ConfigMap>('', 'configmaps'), apply: promptApply<ConfigMap>('', 'configmaps') }
  return new StoreConfigMap(calls, storeIdentityNamespace)
}
