import assert from 'node:assert/strict'
import { patch } from '../../conformance/ask.ts'
import { expectObject } from '../../conformance/expect.ts'
import type { Statement } from '../../conformance/statement.ts'
import { until } from '../../support/until.ts'
import type { World } from './world.ts'

/** Garbage collector and quota look for new resources each half minute. */
const patient = { patienceMs: 120_000, everyMs: 200 }
/** Its informers are of metadata alone, and their complaints do not say of which group. */
const ours = /example\.com|external-secrets\.io|PartialObjectMetadata|not synced|waiting for .* sync/

/** kube-controller-manager with our groups among those that it watches. */
export function controllers(world: World): readonly Statement[] {
  const { admin } = world
  return [
    {
      number: 210,
      sentence: 'Garbage collector, quota and namespace controller work on our kinds, and none complains of them.',
      play: async ({ namespace, create, widgets, widget }) => {
        const core = `/api/v1/namespaces/${namespace}`
        const quotas = `${core}/resourcequotas`
        const counted = 'count/widgets.example.com'
        const quota = (hard: number): object => ({
          metadata: { name: 'all' },
          spec: { hard: { [counted]: `${hard}` } },
        })
        expectObject(await admin.post(quotas, quota(10)), 201)
        const used = async (): Promise<unknown> =>
          expectObject(await admin.get(`${quotas}/all`))['status']?.['used']?.[counted]
        // What is created is counted by kube-apiserver's own admission, for its own kinds; for ours it is counted with
        // all else when a quota changes, and when something is deleted.
        let hard = 10
        const isCounted = (count: string) => async (): Promise<boolean> => {
          expectObject(await patch.merge(admin, `${quotas}/all`, quota((hard += 1))))
          return (await used()) === count
        }
        await create('first')
        await until(isCounted('1'), patient)
        const before = world.controllerLog().length
        const { metadata } = expectObject(await admin.post(`${core}/configmaps`, { metadata: { name: 'owner' } }), 201)
        const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata?.['uid'] }
        for (const name of ['a', 'b']) await create(name, { metadata: { ownerReferences: [owner] } })
        await until(isCounted('3'), patient)
        expectObject(await admin.call('DELETE', `${core}/configmaps/owner`))
        await until(async () => (await admin.get(`${widgets}/b`)).status === 404, patient)
        await until(async () => (await used()) === '1', patient)
        expectObject(await admin.call('DELETE', core))
        await until(async () => (await admin.get(core)).status === 404, patient)
        assert.equal((await admin.post(widgets, widget('late'))).status, 404)
        const complaints = world
          .controllerLog()
          .slice(before)
          .split('\n')
          .filter((line) => /^[EWF]\d{4} /.test(line) && ours.test(line))
        assert.deepEqual(complaints, [])
      },
    },
  ]
}
