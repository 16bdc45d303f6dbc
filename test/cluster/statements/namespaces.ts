import assert from 'node:assert/strict'
import { patch } from '../../conformance/ask.ts'
import { expectFailure, expectObject } from '../../conformance/expect.ts'
import { Scene } from '../../conformance/scene.ts'
import type { Statement } from '../../conformance/statement.ts'
import { type Json, listOf } from '../../support/api-client.ts'
import { leadTo } from '../../support/kube-cluster/aggregated-server.ts'
import { Relay } from '../../support/relay.ts'
import { until } from '../../support/until.ts'
import type { World } from './world.ts'

/** The namespace controller tries again after pauses that grow. */
const patient = { patienceMs: 120_000, everyMs: 200 }

/** How namespaces end when what they hold lies with us. */
export function namespaces(world: World): readonly Statement[] {
  const { admin, kubectl } = world
  const pathOf = ({ namespace }: Scene): string => `/api/v1/namespaces/${namespace}`
  const isGone = (scene: Scene) => async (): Promise<boolean> => (await admin.get(pathOf(scene))).status === 404
  const beginsToEnd = async (scene: Scene): Promise<void> => {
    expectObject(await admin.call('DELETE', pathOf(scene)))
  }
  const fill = async ({ create }: Scene): Promise<void> => {
    for (const name of ['a', 'b', 'c']) await create(name)
  }
  const ends = async (scene: Scene): Promise<void> => {
    await until(isGone(scene), patient)
    assert.deepEqual(expectObject(await admin.get(scene.widgets))['items'], [])
  }
  return [
    {
      number: 39,
      sentence: 'Nothing is created in a namespace that ends.',
      play: async (scene) => {
        const { namespace, widgets, widget } = scene
        const held = { metadata: { name: 'held', finalizers: ['example.com/hold'] } }
        expectObject(await admin.post(`${pathOf(scene)}/configmaps`, held), 201)
        await beginsToEnd(scene)
        // Our server hears of the end a moment after it was begun.
        await until(async () => (await admin.post(`${widgets}?dryRun=All`, widget('x'))).status === 403, {
          everyMs: 20,
        })
        const refused = await admin.post(widgets, widget('x'))
        const { details } = expectFailure(refused, {
          code: 403,
          reason: 'Forbidden',
          message:
            `widgets.example.com "x" is forbidden: unable to create new content in namespace ${namespace} ` +
            'because it is being terminated',
        })
        const cause = {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        }
        assert.deepEqual(details?.['causes'], [cause])
        await patch.merge(admin, `${pathOf(scene)}/configmaps/held`, { metadata: { finalizers: null } })
        await ends(scene)
      },
    },
    {
      number: 119,
      sentence: 'kubectl delete ns removes every widget and comes to an end.',
      play: async (scene) => {
        await fill(scene)
        await scene.create('finalized', { metadata: { finalizers: ['example.com/hold'] } })
        const deleting = kubectl.ok(`delete ns ${scene.namespace} --timeout=120s`)
        const finalized = `${scene.widgets}/finalized`
        await until(
          async () => (await admin.get(finalized)).json['metadata']?.['deletionTimestamp'] !== undefined,
          patient,
        )
        await patch.merge(admin, finalized, { metadata: { finalizers: null } })
        assert.match(await deleting, /deleted/)
        await ends(scene)
      },
    },
    {
      number: 119,
      sentence: 'Namespaces whose server is restarted or away wait for it, and end when it is back.',
      alone: true,
      play: async (scene) => {
        const other = await Scene.open(scene.target, 119)
        await fill(scene)
        await fill(other)
        await beginsToEnd(scene)
        await world.restart(async () => {
          await beginsToEnd(other)
          await until(async () => isStuck(expectObject(await admin.get(pathOf(other)))), patient)
        })
        await ends(scene)
        await ends(other)
      },
    },
    {
      number: 119,
      sentence: 'A namespace ends although its server is slow.',
      alone: true,
      play: async (scene) => {
        await fill(scene)
        await using line = await Relay.open(world.server.port)
        line.latencyMs = 150
        await leadTo(world.cluster, line.port)
        try {
          await beginsToEnd(scene)
          await ends(scene)
        } finally {
          await leadTo(world.cluster, world.server.port)
        }
      },
    },
  ]
}

/** The namespace controller says that it cannot get at something. */
function isStuck({ status }: Json): boolean {
  return listOf(status?.['conditions']).some(
    (one) => /^NamespaceDeletion\w*Failure$/.test(String(one['type'])) && String(one['status']) === 'True',
  )
}
