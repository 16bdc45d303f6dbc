import type { Kubectl } from '../kubectl.ts'
import { until } from '../until.ts'

/** The garbage collector looks at what came to its queue in turn: what has no owner is gone when this has resolved. */
export async function collectorHasPassed(kubectl: Kubectl): Promise<void> {
  const owner = '{apiVersion: v1, kind: ConfigMap, name: nobody, uid: 3f0c6a52-0000-4000-8000-000000000000}'
  const metadata = `{name: dangling, namespace: default, ownerReferences: [${owner}]}`
  await kubectl.ok('apply -f -', `{apiVersion: v1, kind: ConfigMap, metadata: ${metadata}}`)
  await until(async () => (await kubectl.run(['get', 'configmap', 'dangling'])).code !== 0)
}
