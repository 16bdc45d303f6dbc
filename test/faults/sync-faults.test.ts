// What stands in the Secrets when provider, API and process have failed. `npm run faults` runs 10,000: --objects N.
import t from 'tap'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'
import { Dice } from '../fuzz/dice.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { type Manifest, openSyncCluster } from '../support/sync-cluster.ts'
import { FaultyProvider } from './faulty-provider.ts'

const unitCount = 10
const rounds = 4

function argument(name: string, without: number): number {
  const index = process.argv.indexOf(`--${name}`)
  return index < 0 ? without : Number(process.argv[index + 1])
}

const objectCount = argument('objects', 40)

/** The runner's own limit is for tests of seconds; ten thousand take long. */
t.setTimeout(180_000 + objectCount * 600)

t.test('after every kind of fault each Secret is what a computation from scratch gives', async (t) => {
  const seed = argument('seed', 6)
  t.comment(`--seed ${seed}`)
  const dice = new Dice(seed)
  const clock = new ManualClock()
  const fake = new FaultyProvider(dice, clock)
  let refused = 0
  const between = <T extends KubeObject>(plural: string, client: ResourceClient<T>): ResourceClient<T> => {
    const mayFail = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (plural === 'namespaces' || !dice.chance(fake.trouble)) return call(...args)
        refused += 1
        throw dice.chance(0.5) ? conflict : unavailable
      }
    }
    return {
      get: mayFail(client.get.bind(client)),
      list: client.list.bind(client),
      watch: client.watch.bind(client),
      create: mayFail(client.create.bind(client)),
      update: mayFail(client.update.bind(client)),
      updateStatus: mayFail(client.updateStatus.bind(client)),
      delete: mayFail(client.delete.bind(client)),
    }
  }
  await using cluster = await openSyncCluster({ clock, between, loadProvider: async () => fake.provider })
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }, store)
  for (let index = 0; index < objectCount; index += 1) await cluster.apply(anExternalSecret(index))
  fake.trouble = 0.3
  for (let round = 0; round < rounds; round += 1) {
    cluster.start()
    for (let turn = 0; turn < 5; turn += 1) {
      fake.change(`unit-${dice.below(unitCount)}`)
      await clock.advance(dice.below(20_000))
      await cluster.patch(secretPath('externalsecrets', dice.below(objectCount)), {
        metadata: { annotations: { 'force-sync': `${round} ${turn}` } },
      })
    }
    await cluster.stop()
  }
  t.ok(refused > 0 && fake.reads > 0, `${refused} requests were refused, ${fake.reads} reads tried`)
  fake.trouble = 0
  cluster.start()
  await clock.advance(10 * 60_000)

  const wrong: number[] = []
  for (let index = 0; index < objectCount; index += 1) {
    const { data } = await cluster.read(secretPath('secrets', index))
    const { status } = await cluster.read(secretPath('externalsecrets', index))
    const expected = btoa(fake.value(`unit-${index % unitCount}`))
    const isTold = JSON.stringify(status ?? {}).includes('"SecretSynced"')
    if (JSON.stringify(data) !== JSON.stringify({ a: expected }) || !isTold) wrong.push(index)
  }
  t.same(wrong, [])
})

const conflict = new StatusError({ code: 409, reason: 'Conflict', message: 'somebody else wrote' })
const unavailable = new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'not now' })

const store: Manifest = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'SecretStore',
  metadata: { name: 's', namespace: 'a' },
  spec: { provider: { fake: { data: [] } } },
}

function anExternalSecret(index: number): Manifest {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: `es-${index}`, namespace: 'a' },
    spec: {
      refreshInterval: '1m',
      secretStoreRef: { name: 's' },
      data: [{ secretKey: 'a', remoteRef: { key: `unit-${index % unitCount}` } }],
    },
  }
}

function secretPath(plural: 'secrets' | 'externalsecrets', index: number): string {
  const root = plural === 'secrets' ? '/api/v1' : '/apis/external-secrets.io/v1'
  return `${root}/namespaces/a/${plural}/es-${index}`
}
