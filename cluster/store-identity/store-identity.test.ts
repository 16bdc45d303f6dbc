import t, { type Test } from 'tap'
import { localClient } from '../../apiserver/registry/local-client.ts'
import { coreKinds } from '../../kinds/catalog.gen.ts'
import { type StatusAnswer, StatusError } from '../../machinery/status.ts'
import type { StoreLedger } from '../../storage/custody/ledger.ts'
import { admin, openLocalApi } from '../../test/support/local-api.ts'
import { type ConfigMap, type ConfigMapCalls, StoreConfigMap } from './store-config-map.ts'
import type { Apply } from '../resource-client.ts'
import { diagnoseStore } from './store-diagnosis.ts'

const at = { namespace: 'here', name: 'external-secrets-apiserver-store' }
const record = { uid: 'uid-1', epoch: 3, confirmed: 41, bound: 9_007_199_254_740_000 }

async function configMapCalls(t: Test): Promise<ConfigMapCalls> {
  const api = await openLocalApi({ kinds: coreKinds })
  t.teardown(() => api[Symbol.asyncDispose]())
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } }
  await api.call('POST /api/v1/namespaces', { body: namespace })
  const registry = api.registries.find('', 'configmaps')
  if (registry === undefined) throw new Error('no configmaps')
  const apply: Apply<ConfigMap> = async (body, { fieldManager = '', force }) => {
    const path = `/api/v1/namespaces/${at.namespace}/configmaps/${body.metadata.name}`
    const headers = { 'content-type': 'application/apply-patch+yaml' }
    const answer = await api.call(`PATCH ${path}?fieldManager=${fieldManager}&force=${force}`, { body, headers })
    if (answer.code > 201) throw new StatusError(answer.body as unknown as StatusAnswer)
    return answer.body as unknown as ConfigMap
  }
  return { configMaps: localClient<ConfigMap>(registry, admin), apply }
}

t.test('what is written of a store is read again, and who wrote on what has changed is told', async (t) => {
  const calls = await configMapCalls(t)
  const client = calls.configMaps
  const store = new StoreConfigMap(calls, at.namespace)
  const page: StoreLedger = store
  const none = await page.read()
  t.match(none, { record: undefined, version: undefined })
  const first = await page.write(none, { record, refused: undefined })
  t.match(await page.read(), { record, refused: undefined, accepted: undefined })
  const another = { ...record, uid: 'uid-3' }
  await t.rejects(page.write(none, { record: another, refused: undefined }), {
    name: 'StatusError',
    message: /conflict/,
  })
  const refused = { uid: 'uid-2', problem: 'older', revision: 7 } as const
  await page.write(first, { record, refused })
  t.match(await page.read(), { record, refused })
  await t.rejects(page.write(first, { record, refused: undefined }), {
    name: 'StatusError',
    message: /has been modified/,
  })

  const found = await client.get(at)
  t.match(found.metadata.labels, { 'velero.io/exclude-from-backup': 'true' })
  await client.update({ ...found, data: { ...found.data, accept: 'uid-2\n' } })
  const accepted = await page.read()
  t.match(accepted, { record, refused, accepted: 'uid-2' })
  await page.write(accepted, { record, refused: undefined })
  t.match(await page.read(), { record, refused: undefined, accepted: undefined })

  t.equal(await store.remove(), true)
  t.equal(await store.remove(), false, 'gone already')
  await t.rejects(page.write(accepted, { record, refused: undefined }), { name: 'StatusError', message: /not found/ })
})

t.test('a ConfigMap that does not say all of it says nothing', async (t) => {
  const calls = await configMapCalls(t)
  const page = new StoreConfigMap(calls, at.namespace)
  const whole = { uid: 'u', epoch: '1', confirmed: '2', bound: '3' }
  let object = await calls.configMaps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: at })
  for (const change of [{ uid: '' }, { epoch: '-1' }, { bound: '1e9' }, { confirmed: '99999999999999999999' }]) {
    object = await calls.configMaps.update({ ...object, data: { ...whole, ...change } })
    t.match(await page.read(), { record: undefined, version: String })
  }
})

t.test('a refused store is told with what is known, and how to accept it', (t) => {
  t.equal(diagnoseStore({ record, refused: undefined }, 'here'), undefined)
  const refused = { uid: 'uid-2', problem: 'empty', revision: 1 } as const
  const said = diagnoseStore({ record, refused }, 'here')
  t.match(said?.problem, /the store is empty.*\(uid-2, revision 1; the cluster knows store uid-1, revision 41\)/)
  t.match(said?.remedy, /kubectl patch configmap external-secrets-apiserver-store -n here .*"accept":"uid-2"/)
  t.match(diagnoseStore({ record: undefined, refused: { ...refused, problem: 'illegible' } }, 'here'), {
    problem: /cannot be read \(uid-2, revision 1\)/,
  })
  t.end()
})
