import t from 'tap'
import type { WatchNotice } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { admin } from '../../test/support/local-api.ts'
import { openWidgetApi } from '../../test/support/widgets.ts'
import { localClient } from './local-client.ts'

const api = await openWidgetApi({ historyCountMax: 20 })
t.teardown(() => api[Symbol.asyncDispose]())

const registry = api.registries.find('example.com', 'widgets')
if (registry === undefined) throw new Error('widgets are not served')
const client = localClient<KubeObject>(registry, admin)
const by = { fieldManager: 'syncer' }
const at = (name: string) => ({ namespace: 'default', name })
const aWidget = (name: string, parts: object = {}): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, namespace: 'default' },
  ...parts,
})

t.test('reads and writes as over HTTP', async (t) => {
  const created = await client.create(aWidget('a', { spec: { size: 1 } }), by)
  t.match(created.metadata, { uid: String, generation: 1, managedFields: [{ manager: 'syncer', operation: 'Update' }] })
  t.same(await client.get(at('a')), created)
  const updated = await client.update({ ...created, spec: { size: 2 } }, by)
  t.match(updated, { spec: { size: 2 }, metadata: { generation: 2 } })
  await t.rejects(client.update({ ...created, spec: { size: 3 } }, by), { code: 409, reason: 'Conflict' })
  const status = await client.updateStatus({ ...updated, status: { phase: 'Done' }, spec: { size: 9 } }, by)
  t.match(status, { status: { phase: 'Done' }, spec: { size: 2 } })
  t.match(await client.list({ namespace: 'default' }), { kind: 'WidgetList', items: [{ metadata: { name: 'a' } }] })
  await t.rejects(client.create(aWidget('a'), by), { code: 409, reason: 'AlreadyExists' })
  await t.rejects(client.delete(at('a'), { uid: 'x' }), { code: 409 })
  await client.delete(at('a'), { uid: created.metadata.uid ?? '' })
  await t.rejects(client.get(at('a')), { code: 404, reason: 'NotFound' })
})

t.test('a watch gives the state, then every change', async (t) => {
  await client.create(aWidget('w1'), by)
  await client.create(aWidget('w2'), by)
  const stopped = new AbortController()
  const notices: string[] = []
  for await (const batch of client.watch({ namespace: 'default' }, stopped.signal)) {
    notices.push(...batch.map(textOf))
    if (notices.at(-1) === 'synced') {
      await client.update({ ...(await client.get(at('w2'))), spec: { size: 1 } }, by)
      await client.delete(at('w1'))
    }
    if (notices.includes('deleted w1')) break
  }
  stopped.abort()
  t.same(notices, ['set w1', 'set w2', 'synced', 'set w2', 'deleted w1'])
  await client.delete(at('w2'))
})

t.test('a watch that fell behind lists afresh, with what is gone as deleted', async (t) => {
  await client.create(aWidget('old'), by)
  const stopped = new AbortController()
  const notices: string[] = []
  for await (const batch of client.watch({ namespace: 'default' }, stopped.signal)) {
    notices.push(...batch.map(textOf))
    if (notices.length === 2) {
      await client.delete(at('old'))
      for (let size = 0; size < 30; size += 1) {
        await client.create(aWidget('busy', { spec: { size } }), by)
        await client.delete(at('busy'))
      }
      await client.create(aWidget('new'), by)
    }
    if (notices.includes('set new')) break
  }
  stopped.abort()
  t.same(notices, ['set old', 'synced', 'deleted old', 'set new', 'synced'])
})

function textOf(notice: WatchNotice<KubeObject>): string {
  return notice.type === 'synced' ? 'synced' : `${notice.type} ${notice.object.metadata.name}`
}
