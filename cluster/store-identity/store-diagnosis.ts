import { type RefusedProblem, storeConfigMapName, type StorePage } from './store-config-map.ts'

/** What is wrong with the store and what helps, in plain words; undefined when the last server took it. */
export function diagnoseStore(
  { record, refused }: Pick<StorePage, 'record' | 'refused'>,
  namespace: string,
): { readonly problem: string; readonly remedy: string } | undefined {
  if (refused === undefined) return undefined
  const { uid, problem, revision } = refused
  const known = record === undefined ? '' : `; the cluster knows store ${record.uid}, revision ${record.confirmed}`
  const configMap = `configmap ${storeConfigMapName} -n ${namespace}`
  const patch = `kubectl patch ${configMap} --type=merge -p '{"data":{"accept":"${uid}"}}'`
  return {
    problem: `${storeProblems[problem]} (${uid}, revision ${revision}${known}), so nothing of it is served`,
    remedy:
      'stop the server, put the right data directory back and start it; or put a snapshot in its place ' +
      '(docs/operations.md, "A snapshot into a refused store"); or ' +
      `accept this store: ${patch}. Whatever is not in it counts as deleted from then on, and the garbage collector ` +
      'deletes the Secrets that such objects own, unless recover is run before',
  }
}

export const storeProblems: Readonly<Record<RefusedProblem, string>> = {
  empty: 'the store is empty, and the cluster knows one that is not',
  foreign: 'the store is another one than the cluster knows',
  older: 'the store is an older copy of the one that the cluster knows',
  illegible: `the ConfigMap ${storeConfigMapName} cannot be read`,
}
