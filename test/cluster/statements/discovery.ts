import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { expectFailure, expectObject } from '../../conformance/expect.ts'
import type { Statement } from '../../conformance/statement.ts'
import { type Json, listOf } from '../../support/api-client.ts'
import { Kubectl } from '../../support/kubectl.ts'
import { findPeer, kubectlNames } from '../../support/peers.ts'
import { until } from '../../support/until.ts'
import { apiServices, type World } from './world.ts'

/** kube-apiserver fetches the documents of a new server in its own time, and again each minute. */
const inItsOwnTime = { patienceMs: 90_000, everyMs: 500 }

/** How a cluster comes to know the server, and what it tells its clients of it. */
export function discovery(world: World): readonly Statement[] {
  const { admin, kubectl } = world
  return [
    {
      number: 1,
      sentence: 'A version says what it serves while the store cannot be used.',
      alone: true,
      play: async ({ create, widgets }) => {
        await create('x')
        const store = join(world.server.dataDir, 'store')
        await world.restart(() => renameSync(store, `${store}-kept`))
        for (const base of ['/apis/example.com/v1', '/apis/external-secrets.io/v1']) {
          const askedMs = performance.now()
          const { kind, resources } = expectObject(await admin.get(base))
          assert.ok(performance.now() - askedMs < 1000, 'within a second')
          assert.equal(kind, 'APIResourceList')
          assert.ok(listOf(resources).length > 0)
        }
        const reason = { code: 503, reason: 'ServiceUnavailable', message: /the store is empty/ }
        expectFailure(await admin.get(`${widgets}/x`), reason)
        await world.restart(() => {
          renameSync(store, `${store}-empty`)
          renameSync(`${store}-kept`, store)
        })
        await until(async () => (await admin.get(`${widgets}/x`)).status === 200)
      },
    },
    {
      number: 161,
      sentence: 'kubectl knows singular and short names and categories, and what may be done.',
      play: async ({ create, namespace }) => {
        await create('x')
        const known = await kubectl.ok('api-resources --api-group=example.com -o wide')
        const verbs = '(create,delete,deletecollection,get,list,patch,update,watch|\\[.*\\])'
        assert.match(known, new RegExp(`^widgets +wd +example.com/v1 +true +Widget +${verbs} +testing`, 'm'))
        assert.match(known, /^clusterwidgets .*example.com\/v1 +false +ClusterWidget /m)
        for (const name of ['widgets', 'widget', 'wd', 'widgets.example.com', 'widgets.v1beta1.example.com', 'testing'])
          assert.match(await kubectl.ok(`get ${name} -n ${namespace}`), /^(widget\S*\/)?x /m, name)
      },
    },
    {
      number: 163,
      sentence: 'The merged OpenAPI v2 document has our definitions under their own names.',
      play: async () => {
        let definitions: Readonly<Record<string, Json>> = {}
        const isThere = (kind: string): boolean =>
          Object.values(definitions).some((one) =>
            listOf(one['x-kubernetes-group-version-kind']).some((each) => String(each['kind']) === kind),
          )
        await until(async () => {
          definitions = (await admin.get('/openapi/v2')).json?.['definitions'] ?? {}
          return isThere('Widget') && isThere('ExternalSecret')
        }, inItsOwnTime)
        const renamed = Object.keys(definitions).filter((name) => /_v\d+$/.test(name))
        assert.deepEqual(renamed, [])
      },
    },
    {
      number: 165,
      sentence: 'Every kubectl explains a field, from either document.',
      play: async () => {
        for (const name of kubectlNames) {
          const peer = findPeer(name)
          if (!('path' in peer)) continue
          using one = new Kubectl(peer.path, world.cluster.kubeconfig)
          let stdout = ''
          const explains = async (): Promise<boolean> => {
            const result = await one.run(['explain', 'widgets.spec'])
            stdout = result.stdout
            return result.code === 0
          }
          await until(explains, inItsOwnTime)
          assert.match(stdout, /KIND: +Widget\b/, name)
          assert.match(stdout, /What the widget shall be\./, name)
          assert.match(stdout, /size\s+<integer>[^]*How large the widget is\./, name)
        }
      },
    },
    {
      number: 167,
      sentence: 'kubectl apply --validate=strict tells of fields that the server does not know.',
      play: async ({ widget, namespace }) => {
        const manifest = JSON.stringify(widget('x', { metadata: { namespace }, spec: { sise: 1 } }))
        const apply = (how: string) => kubectl.run(['apply', `--validate=${how}`, '-f', '-'], { input: manifest })
        const strict = await apply('strict')
        assert.equal(strict.code, 1)
        assert.match(
          strict.stderr,
          /Error from server \(BadRequest\): .*strict decoding error: unknown field "spec.sise"/,
        )
        const warned = await apply('warn')
        assert.equal(warned.code, 0, warned.stderr)
        assert.match(warned.stderr, /Warning: unknown field "spec.sise"/)
      },
    },
    {
      number: 168,
      sentence: 'An APIService is available within half a minute. (Rolling updates take shared storage and wait.)',
      play: async () => {
        for (const name of apiServices) {
          const { metadata, status } = expectObject(
            await admin.get(`/apis/apiregistration.k8s.io/v1/apiservices/${name}`),
          )
          const [available] = listOf(status?.['conditions']).filter((one) => String(one['type']) === 'Available')
          assert.equal(available?.['status'], 'True', name)
          const since = (time: Json | undefined): number => Date.parse(String(time)) / 1000
          const took = since(available?.['lastTransitionTime']) - since(metadata?.['creationTimestamp'])
          assert.ok(took <= 30, `${name} was available after ${took} s`)
        }
      },
    },
    {
      number: 212,
      sentence: 'Two versions at one Service: the order of the versions follows versionPriority.',
      play: async ({ create, namespace }) => {
        const { items } = expectObject(await admin.get('/apis/apiregistration.k8s.io/v1/apiservices'))
        for (const group of ['example.com', 'external-secrets.io']) {
          const specs = listOf(items)
            .map(({ spec }) => spec ?? {})
            .filter((spec) => String(spec['group']) === group)
            .toSorted((left, right) => Number(right['versionPriority']) - Number(left['versionPriority']))
          assert.equal(new Set(specs.map((spec) => JSON.stringify(spec['service']))).size, 1)
          const versions = specs.map((spec) => String(spec['version']))
          assert.ok(versions.length > 1)
          const told = expectObject(await admin.get(`/apis/${group}`))
          assert.deepEqual(
            listOf(told['versions']).map(({ version }) => version),
            versions,
          )
          assert.equal(told['preferredVersion']?.['version'], versions[0])
        }
        await create('x', { spec: { size: 3 } })
        const older = await admin.get(`/apis/example.com/v1beta1/namespaces/${namespace}/widgets/x`)
        assert.equal(older.json['spec']?.['count'], 3)
      },
    },
  ]
}
