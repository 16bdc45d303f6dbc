import assert from 'node:assert/strict'
import { patch } from '../../conformance/ask.ts'
import { expectObject } from '../../conformance/expect.ts'
import type { Scene } from '../../conformance/scene.ts'
import type { Statement } from '../../conformance/statement.ts'
import { type Json, listOf } from '../../support/api-client.ts'
import { GrafanaStandIn } from '../../support/grafana-stand-in.ts'
import { until } from '../../support/until.ts'
import type { World } from './world.ts'

/** The garbage collector looks for new resources each half minute. */
const patient = { patienceMs: 120_000, everyMs: 200 }
const hold = { finalizers: ['example.com/hold'] }

/** kube-controller-manager's garbage collector over objects of both servers. */
export function owners(world: World): readonly Statement[] {
  const { admin } = world
  const isThere = async (path: string): Promise<boolean> => (await admin.get(path)).status === 200
  const gone = (path: string): Promise<void> => until(async () => !(await isThere(path)), patient)
  const metadataOf = async (path: string): Promise<Json> => expectObject(await admin.get(path))['metadata'] ?? {}
  const remove = async (path: string, propagationPolicy: string): Promise<void> => {
    expectObject(await admin.call('DELETE', path, { body: { propagationPolicy } }))
  }
  const make = async (at: string, body: object): Promise<Json> => expectObject(await admin.post(at, body), 201)
  const ownedBy = ({ apiVersion, kind, metadata }: Json): object => {
    const owner = { apiVersion, kind, name: metadata?.['name'], uid: metadata?.['uid'], blockOwnerDeletion: true }
    return { ownerReferences: [owner] }
  }
  /** A core object and a widget; `owner` says which of them owns the other. */
  const pair = async (scene: Scene, name: string, owner: 'config-map' | 'widget'): Promise<Pair> => {
    const configMaps = `/api/v1/namespaces/${scene.namespace}/configmaps`
    const paths = { configMap: `${configMaps}/${name}`, widget: `${scene.widgets}/${name}` }
    if (owner === 'config-map') {
      const made = await make(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
      await scene.create(name, { metadata: ownedBy(made) })
    } else {
      const { json } = await scene.create(name)
      await make(configMaps, { metadata: { name, ...ownedBy(json) } })
    }
    return paths
  }
  /**
   * The collector leaves alone what it has not seen. It sees the objects of one resource in their order, so when it has
   * taken the last of these, `background`, it has seen the others.
   */
  const pairs = async (scene: Scene, owner: 'config-map' | 'widget') => ({
    foreground: await pair(scene, 'foreground', owner),
    orphan: await pair(scene, 'orphan', owner),
    background: await pair(scene, 'background', owner),
  })
  return [
    {
      number: 120,
      sentence: 'The garbage collector follows owners from one server to the other, as it was told to.',
      play: async (scene) => {
        const { background, foreground, orphan } = await pairs(scene, 'config-map')
        await patch.merge(admin, foreground.widget, { metadata: hold })
        await remove(background.configMap, 'Background')
        await gone(background.widget)

        await remove(foreground.configMap, 'Foreground')
        await until(async () => (await metadataOf(foreground.widget))['deletionTimestamp'] !== undefined, patient)
        assert.deepEqual(
          (await metadataOf(foreground.configMap))['finalizers'],
          ['foregroundDeletion'],
          'it is blocked',
        )
        await patch.merge(admin, foreground.widget, { metadata: { finalizers: null } })
        await gone(foreground.configMap)
        assert.ok(!(await isThere(foreground.widget)))

        await remove(orphan.configMap, 'Orphan')
        await gone(orphan.configMap)
        const { ownerReferences, deletionTimestamp } = await metadataOf(orphan.widget)
        assert.deepEqual([ownerReferences, deletionTimestamp], [undefined, undefined])
      },
    },
    {
      number: 120,
      sentence: 'A widget that owns an object of the cluster is deleted in each way.',
      play: async (scene) => {
        const { background, foreground, orphan } = await pairs(scene, 'widget')
        for (const [policy, { widget, configMap }] of [
          ['Background', background],
          ['Foreground', foreground],
        ] as const) {
          await remove(widget, policy)
          await gone(configMap)
          await gone(widget)
        }
        await remove(orphan.widget, 'Orphan')
        await gone(orphan.widget)
        assert.equal((await metadataOf(orphan.configMap))['ownerReferences'], undefined)
      },
    },
    {
      number: 120,
      sentence: 'What a generator made outside is deleted there when its ExternalSecret is.',
      play: async ({ namespace }) => {
        const ends: (() => unknown)[] = []
        const grafana = await GrafanaStandIn.open({ teardown: (end) => void ends.push(end) }, 'admin')
        try {
          const at = (plural: string, root = '/api/v1') => `${root}/namespaces/${namespace}/${plural}`
          const generators = '/apis/generators.external-secrets.io/v1alpha1'
          const externalSecrets = at('externalsecrets', '/apis/external-secrets.io/v1')
          await make(at('secrets'), { metadata: { name: 'grafana' }, stringData: { token: 'admin' } })
          await make(at('grafanas', generators), aGrafana(grafana.url))
          await make(externalSecrets, usingGrafana)
          await until(async () => isThere(`${at('secrets')}/tokens`), patient)
          const states = async () => listOf(expectObject(await admin.get(at('generatorstates', generators)))['items'])
          assert.deepEqual([(await states()).length, grafana.living.size], [1, 1])
          await remove(`${externalSecrets}/tokens`, 'Background')
          await until(async () => (await states()).length === 0, patient)
          assert.equal(grafana.living.size, 0)
        } finally {
          for (const end of ends) end()
        }
      },
    },
  ]
}

function aGrafana(url: string): object {
  const auth = { token: { name: 'grafana', key: 'token' } }
  const spec = { url, auth, serviceAccount: { name: 'boards', role: 'Viewer' } }
  return { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Grafana', metadata: { name: 'boards' }, spec }
}

const generatorRef = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Grafana', name: 'boards' }

const usingGrafana = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'tokens' },
  spec: { dataFrom: [{ sourceRef: { generatorRef } }] },
}

interface Pair {
  readonly configMap: string
  readonly widget: string
}
