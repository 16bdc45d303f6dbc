import assert from 'node:assert/strict'
import { type ApiAnswer, type ApiClient, type Json, listOf } from '../../support/api-client.ts'
import { expectObject } from '../expect.ts'
import type { Statement } from '../statement.ts'

const resourceVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const statusVerbs = ['get', 'patch', 'update']

function aggregated(version: string): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
}

export const discovery: readonly Statement[] = [
  {
    number: 158,
    sentence: 'All groups come in one document to those who ask for it, and as a list of names to others.',
    play: async ({ api, isNative }) => {
      for (const version of isNative ? ['v2', 'v2beta1'] : ['v2']) {
        const answer = await getAs(api, '/apis', aggregated(version))
        expectAggregated(answer, version)
        const group = listOf(expectObject(answer)['items']).find(
          (each) => String(each['metadata']?.['name']) === 'example.com',
        )
        assert.deepEqual(
          listOf(group?.['versions']).map((each) => [each['version'], each['freshness']]),
          [
            ['v1', 'Current'],
            ['v1beta1', 'Current'],
          ],
        )
      }
      if (!isNative) assert.equal((await getAs(api, '/apis', aggregated('v2beta1'))).status, 406)
      const mixed = `${aggregated('v2')},${aggregated('v2beta1')},application/json`
      for (const accept of [
        mixed,
        `${aggregated('v9')},${mixed}`,
        `${aggregated('v2')};profile=nopeer,application/json`,
      ]) {
        expectAggregated(await getAs(api, '/apis', accept), 'v2')
      }
      for (const accept of ['application/json', '*/*', '', `${aggregated('v9')},application/json`]) {
        expectGroupList(await getAs(api, '/apis', accept))
      }
    },
  },
  {
    number: 159,
    sentence: 'The tag of a document stays while the API stays, on every server; who has the document gets 304.',
    play: async ({ api, target, isNative }) => {
      // The index that kube-apiserver has put together has no tag.
      await expectTags(api, isNative ? taggedPaths : taggedPaths.filter(([path]) => path !== '/openapi/v3'))
      const another = target.control?.another
      if (another === undefined) return
      await using one = await another([])
      await using two = await another([])
      for (const [path, accept] of taggedPaths) {
        const tags = await Promise.all(
          [one, two].map(async (server) => (await getAs(server.api, path, accept)).headers),
        )
        assert.equal(tags[0]?.['etag'], tags[1]?.['etag'], path)
      }
    },
  },
  {
    number: 160,
    sentence: 'Discovery says of everything what it is and what can be done with it.',
    play: async ({ api, isNative }) => {
      for (const path of ['/api', '/apis']) {
        const { items } = expectObject(await getAs(api, path, aggregated('v2')))
        const groups = isNative ? listOf(items) : listOf(items).filter(isExample)
        for (const version of groups.flatMap((group) => listOf(group['versions']))) expectWhole(version)
      }
      const { items } = expectObject(await getAs(api, '/apis', aggregated('v2')))
      const group = listOf(items).find(isExample)
      const [v1] = listOf(group?.['versions'])
      const found = listOf(v1?.['resources']).find(({ resource }) => String(resource) === 'widgets') ?? {}
      const sorted = (verbs: Json | undefined): unknown => (isNative ? verbs : listOf(verbs).toSorted())
      assert.deepEqual({ ...found, verbs: sorted(found['verbs']), subresources: undefined }, aggregatedWidgets)
      const [status] = listOf(found['subresources'])
      assert.deepEqual([status?.['subresource'], sorted(status?.['verbs'])], ['status', statusVerbs])
      const list = expectObject(await api.get('/apis/example.com/v1'))
      assert.deepEqual([list['kind'], list['groupVersion']], ['APIResourceList', 'example.com/v1'])
      const [main, sub] = listOf(list['resources']).filter(({ kind }) => String(kind) === 'Widget')
      const { storageVersionHash: _, ...rest } = main ?? {}
      assert.deepEqual({ ...rest, verbs: sorted(rest['verbs']) }, listedWidgets)
      assert.deepEqual({ ...sub, verbs: sorted(sub?.['verbs']) }, listedStatus)
    },
  },
]

const aggregatedWidgets = {
  resource: 'widgets',
  responseKind: { group: 'example.com', version: 'v1', kind: 'Widget' },
  scope: 'Namespaced',
  singularResource: 'widget',
  verbs: resourceVerbs,
  shortNames: ['wd'],
  categories: ['testing'],
  subresources: undefined,
}

const listedWidgets = {
  name: 'widgets',
  singularName: 'widget',
  namespaced: true,
  kind: 'Widget',
  verbs: resourceVerbs,
  shortNames: ['wd'],
  categories: ['testing'],
}

const listedStatus = { name: 'widgets/status', singularName: '', namespaced: true, kind: 'Widget', verbs: statusVerbs }

function getAs(api: ApiClient, path: string, accept: string): Promise<ApiAnswer> {
  return api.call('GET', path, { headers: { accept } })
}

/** Clients compare the media type with its parameters. */
function expectAggregated(answer: ApiAnswer, version: string): void {
  const { kind, apiVersion } = expectObject(answer)
  assert.equal(answer.headers['content-type'], aggregated(version))
  assert.equal(answer.headers['cache-control'], 'public')
  assert.equal(answer.headers['vary'], 'Accept')
  assert.match(String(answer.headers['etag']), /^"[^"]+"$/)
  assert.deepEqual([kind, apiVersion], ['APIGroupDiscoveryList', `apidiscovery.k8s.io/${version}`])
}

function expectGroupList(answer: ApiAnswer): void {
  const { kind, apiVersion, groups } = expectObject(answer)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.deepEqual([kind, apiVersion], ['APIGroupList', 'v1'])
  const group = listOf(groups).find(({ name }) => String(name) === 'example.com')
  const versions = ['v1', 'v1beta1'].map((version) => ({ groupVersion: `example.com/${version}`, version }))
  assert.deepEqual([group?.['versions'], group?.['preferredVersion']], [versions, versions[0]])
}

const taggedPaths = [
  ['/apis', aggregated('v2')],
  ['/openapi/v2', 'application/json'],
  ['/openapi/v3', 'application/json'],
  ['/openapi/v3/apis/example.com/v1', 'application/json'],
] as const

async function expectTags(api: ApiClient, paths: readonly (readonly [string, string])[]): Promise<void> {
  for (const [path, accept] of paths) {
    const first = await getAs(api, path, accept)
    const tag = String(first.headers['etag'])
    assert.match(tag, /^"[^"]+"$/, path)
    assert.equal((await getAs(api, path, accept)).headers['etag'], tag)
    const unless = (match: string): Promise<ApiAnswer> =>
      api.call('GET', path, { headers: { accept, 'if-none-match': match } })
    const known = await unless(tag)
    assert.deepEqual([known.status, known.text, known.headers['etag']], [304, '', tag], path)
    const other = await unless('"other"')
    assert.deepEqual([other.status, other.text], [200, first.text])
  }
}

function isExample(group: Json): boolean {
  return String(group['metadata']?.['name']) === 'example.com'
}

/** Old clients end where a kind is missing. */
function expectWhole(version: Json): void {
  for (const resource of listOf(version['resources'])) {
    assert.ok(['Namespaced', 'Cluster'].includes(String(resource['scope'])))
    assert.ok(String(resource['singularResource']).length > 0)
    for (const each of [resource, ...listOf(resource['subresources'])]) {
      const name = String(each['resource'] ?? each['subresource'])
      const { version: kindVersion, kind } = each['responseKind'] ?? {}
      assert.ok(String(kindVersion ?? '').length > 0 && String(kind ?? '').length > 0, `${name} has no kind`)
      assert.ok(listOf(each['verbs']).length > 0, `${name} has no verbs`)
    }
  }
}
