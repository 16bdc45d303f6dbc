import t from 'tap'
import { event } from '../../kinds/core/event/kind.ts'
import { configMap } from '../../kinds/core/config-map/kind.ts'
import { namespace } from '../../kinds/core/namespace/kind.ts'
import { clusterWidget } from '../../kinds/test/cluster-widget/kind.ts'
import { widget } from '../../kinds/test/widget/kind.ts'
import { type Answer, type Body, textAt } from '../../test/support/local-api.ts'
import { aWidget, clusterWidgets, openWidgetApi, widgets } from '../../test/support/widgets.ts'
import { expiry } from './expiry.ts'
import { garbageCollector } from './garbage-collector.ts'
import { namespaceDeletion } from './namespace-deletion.ts'

const api = await openWidgetApi({ kinds: [namespace, configMap, event, widget, clusterWidget] })
const stopped = new AbortController()
const running = Promise.all([
  namespaceDeletion(api).run(stopped.signal),
  garbageCollector(api).run(stopped.signal),
  expiry({ ...api, lifetimesMs: { 'event-ttl': 200 } }).run(stopped.signal),
])
t.teardown(async () => {
  stopped.abort()
  await running
  await api[Symbol.asyncDispose]()
})

const configMaps = '/api/v1/namespaces/default/configmaps'
const namespaces = '/api/v1/namespaces'

const create = async (path: string, body: unknown): Promise<Body> => {
  const answer = await api.call(`POST ${path}`, { body })
  if (answer.code !== 201) throw new Error(answer.text)
  return answer.body
}
const remove = (path: string, propagationPolicy?: string): Promise<Answer> =>
  api.call(`DELETE ${path}`, propagationPolicy === undefined ? {} : { body: { propagationPolicy } })
const merge = (path: string, body: unknown): Promise<Answer> =>
  api.call(`PATCH ${path}`, { body, headers: { 'content-type': 'application/merge-patch+json' } })

/** Waits for the object's deletion, or for a state of it. */
async function until(path: string, holds: (object: Body) => boolean = () => false): Promise<void> {
  const [collection, name] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)]
  const found = new AbortController()
  const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const query = `watch=true&${initial}&fieldSelector=metadata.name%3D${name}`
  let isThere = false
  for await (const event of api.watch(`${collection}?${query}`, { signal: found.signal })) {
    const kind = textAt(event, 'type')
    const { object } = event
    isThere ||= kind === 'ADDED'
    if (kind === 'DELETED' || (kind === 'BOOKMARK' && !isThere) || (kind !== 'BOOKMARK' && object && holds(object)))
      break
  }
  found.abort()
}

const ownedBy = (owner: Body, extra: object = {}): object => ({
  ownerReferences: [
    {
      apiVersion: owner['apiVersion'],
      kind: owner['kind'],
      name: owner['metadata']?.['name'],
      uid: owner['metadata']?.['uid'],
      ...extra,
    },
  ],
})

t.test('a deleted namespace is emptied and goes', async (t) => {
  await create(namespaces, { metadata: { name: 'going' } })
  const inside = widgets.replace('default', 'going')
  await create(inside, aWidget('plain'))
  await create(inside, aWidget('held', { metadata: { finalizers: ['example.com/a'] } }))
  await create(configMaps.replace('default', 'going'), { metadata: { name: 'c' } })
  t.match(await remove(`${namespaces}/going`), {
    code: 200,
    body: { kind: 'Namespace', status: { phase: 'Terminating' } },
  })
  const refused = await api.call(`POST ${inside}`, { body: aWidget('late') })
  const why = 'unable to create new content in namespace going because it is being terminated'
  t.match(refused, {
    code: 403,
    body: {
      reason: 'Forbidden',
      message: `widgets.example.com "late" is forbidden: ${why}`,
      details: {
        name: 'late',
        group: 'example.com',
        kind: 'widgets',
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: 'namespace going is being terminated',
            field: 'metadata.namespace',
          },
        ],
      },
    },
  })
  await until(`${inside}/plain`)
  t.match(await api.call(`GET ${namespaces}/going`), { code: 200 }, 'it waits for what finalizers hold')
  await merge(`${inside}/held`, { metadata: { finalizers: null } })
  await until(`${namespaces}/going`)
  t.equal((await api.call(`GET ${namespaces}/going`)).code, 404)
})

t.test('the namespaces that everything counts on cannot be deleted', async (t) => {
  const message = 'namespaces "default" is forbidden: this namespace may not be deleted'
  t.match(await remove(`${namespaces}/default`), { code: 403, body: { reason: 'Forbidden', message } })
})

t.test('no creation slips into a namespace that goes', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    await create(namespaces, { metadata: { name: 'race' } })
    const inside = widgets.replace('default', 'race')
    const creations = Array.from({ length: 30 }, (_, index) =>
      api.call(`POST ${inside}`, { body: aWidget(`w${index}`) }),
    )
    const gone = remove(`${namespaces}/race`).then(() => until(`${namespaces}/race`))
    await Promise.all([...creations, gone])
    const left = await api.call('GET /apis/example.com/v1/widgets?fieldSelector=metadata.namespace%3Drace')
    t.same(left.body['items'], [])
  }
})

t.test('background: dependents follow their owner', async (t) => {
  const owner = await create(widgets, aWidget('owner'))
  const child = await create(configMaps, { metadata: { name: 'child', ...ownedBy(owner) } })
  await create(configMaps, { metadata: { name: 'grandchild', ...ownedBy(child) } })
  t.match((await remove(`${widgets}/owner`, 'Background')).body, { kind: 'Status' })
  await until(`${configMaps}/grandchild`)
  t.equal((await api.call(`GET ${configMaps}/child`)).code, 404)
})

t.test('foreground: the owner waits for dependents that block it', async (t) => {
  const owner = await create(widgets, aWidget('waiting'))
  const metadata = { name: 'blocking', finalizers: ['example.com/a'], ...ownedBy(owner, { blockOwnerDeletion: true }) }
  await create(configMaps, { metadata })
  await create(configMaps, { metadata: { name: 'loose', ...ownedBy(owner) } })
  t.match((await remove(`${widgets}/waiting`, 'Foreground')).body, { metadata: { finalizers: ['foregroundDeletion'] } })
  await until(`${configMaps}/loose`)
  await until(`${configMaps}/blocking`, (object) => object['metadata']?.['deletionTimestamp'] !== undefined)
  t.equal((await api.call(`GET ${widgets}/waiting`)).code, 200)
  await merge(`${configMaps}/blocking`, { metadata: { finalizers: null } })
  await until(`${widgets}/waiting`)
  t.equal((await api.call(`GET ${widgets}/waiting`)).code, 404)
})

t.test('orphan: dependents stay without their owner', async (t) => {
  const owner = await create(widgets, aWidget('leaving'))
  await create(configMaps, { metadata: { name: 'orphan', ...ownedBy(owner) } })
  await remove(`${widgets}/leaving`, 'Orphan')
  await until(`${widgets}/leaving`)
  const { body } = await api.call(`GET ${configMaps}/orphan`)
  t.match(body, { metadata: { name: 'orphan' } })
  t.equal(body['metadata']?.['ownerReferences'], undefined)
})

t.test('who counts as an owner', async (t) => {
  const real = await create(clusterWidgets, { metadata: { name: 'real' } })
  const ghost = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'ghost', uid: 'none' }
  const [reference] = (ownedBy(real) as { ownerReferences: object[] }).ownerReferences
  await create(configMaps, { metadata: { name: 'half', ownerReferences: [reference, ghost] } })
  await until(`${configMaps}/half`, (object) => object['metadata']?.['ownerReferences']?.['length'] === (1 as never))
  const half = await api.call(`GET ${configMaps}/half`)
  t.match(
    half.body['metadata'],
    { ownerReferences: [{ name: 'real' }] },
    'with one real owner it stays, without the others',
  )
  const foreign = { apiVersion: 'not.served/v1', kind: 'Thing', name: 'x', uid: 'x' }
  await create(configMaps, { metadata: { name: 'foreign', ownerReferences: [foreign] } })
  await create(configMaps, { metadata: { name: 'ghostly', ownerReferences: [ghost] } })
  await until(`${configMaps}/ghostly`)
  t.equal((await api.call(`GET ${configMaps}/foreign`)).code, 200, 'of a kind that is not served nothing is known')
  const other = { ...ghost, name: 'real', kind: 'ClusterWidget' }
  await create(configMaps, { metadata: { name: 'renamed', ownerReferences: [other] } })
  await until(`${configMaps}/renamed`)
  t.pass('a namesake with another uid is not the owner')
})

t.test('events expire', async (t) => {
  const events = '/api/v1/namespaces/default/events'
  const involvedObject = { kind: 'Widget', namespace: 'default', name: 'x' }
  await create(events, { metadata: { name: 'e' }, involvedObject, reason: 'Test', type: 'Normal' })
  await until(`${events}/e`)
  t.equal((await api.call(`GET ${events}/e`)).code, 404)
})
