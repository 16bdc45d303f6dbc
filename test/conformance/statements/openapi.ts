import assert from 'node:assert/strict'
import { type ApiAnswer, type ApiClient, type Json, listOf } from '../../support/api-client.ts'
import { expectFailure, expectObject } from '../expect.ts'
import type { Scene } from '../scene.ts'
import type { Statement } from '../statement.ts'

const widgetKind = { group: 'example.com', version: 'v1', kind: 'Widget' }
const widgetPath = '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}'
const configMapPath = '/api/v1/namespaces/{namespace}/configmaps/{name}'
const patchTypes = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json']
const strategic = 'application/strategic-merge-patch+json'
const dayMs = 86_400_000

export const openapi: readonly Statement[] = [
  {
    number: 162,
    sentence: 'OpenAPI v2 is one valid document about the API and nothing else.',
    play: async ({ api, isNative }) => {
      const answer = await api.call('GET', '/openapi/v2', { headers: { accept: 'application/json' } })
      const document = expectObject(answer)
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.match(String(answer.headers['vary']), /Accept/)
      assert.equal(document['swagger'], '2.0')
      assert.ok(document['info']?.['title'] !== undefined && document['info']['version'] !== undefined)
      if (isNative) {
        const strangers = Object.keys(document['paths'] ?? {}).filter(
          (path) => !/^\/(apis\/[^/]+|api)\/[^/]+\//.test(path),
        )
        assert.deepEqual(strangers, [])
        for (const word of ['nullable', 'oneOf', 'anyOf', 'allOf']) {
          assert.ok(!answer.text.includes(`"${word}":`), `${word} is not known in this version`)
        }
        const none = await api.call('GET', '/openapi/v2', { headers: { accept: 'text/html' } })
        assert.deepEqual([none.status, none.text], [406, ''])
        const gzip = await api.call('GET', '/openapi/v2', { headers: { 'accept-encoding': 'gzip' } })
        assert.equal(gzip.headers['content-encoding'], 'gzip')
        assert.match(String(gzip.headers['vary']), /Accept\b(?!-).*Accept-Encoding/)
      }
      expectSound(answer, document['definitions'] ?? {})
      expectKindDefined(document['definitions'] ?? {})
      for (const accept of ['*/*', '']) {
        const again = await api.call('GET', '/openapi/v2', { headers: { accept } })
        assert.equal(again.headers['content-type'], 'application/json')
      }
      await expectTagged(api, '/openapi/v2', answer)
    },
  },
  {
    number: 164,
    sentence: 'OpenAPI v3 is a document to a version, which may be kept for good under its hash.',
    play: async (scene) => {
      const { api, isNative } = scene
      const index = await api.get('/openapi/v3')
      const paths = expectObject(index)['paths'] ?? {}
      if (isNative) {
        assert.deepEqual(Object.keys(paths).sort(), await servedVersions(api))
        await expectTagged(api, '/openapi/v3', index)
      }
      for (const version of ['v1', 'v1beta1']) {
        const path = `/openapi/v3/apis/example.com/${version}`
        const url = String(paths[path.slice('/openapi/v3/'.length)]?.['serverRelativeURL'])
        const [, hash] = /\?hash=([0-9A-Za-z]+)$/.exec(url) ?? []
        assert.equal(url, `${path}?hash=${hash}`)
        const answer = await api.get(url)
        assert.equal(answer.headers['etag'], `"${hash}"`)
        assert.equal(answer.headers['content-type'], 'application/json')
        expectImmutable(answer)
        await expectTagged(api, url, answer)
        await expectStaleAnswer(scene, path, answer)
        const document = expectObject(answer)
        assert.match(String(document['openapi']), /^3\.0\./)
        expectSound(answer, document['components']?.['schemas'] ?? {})
      }
      const v1 = expectObject(await api.get('/openapi/v3/apis/example.com/v1'))
      expectKindDefined(v1['components']?.['schemas'] ?? {})
    },
  },
  {
    number: 166,
    sentence: 'The PATCH of every kind says which parameters and which sorts of patches it takes, and takes them.',
    play: async (scene) => {
      const { api } = scene
      const v2 = expectObject(await api.get('/openapi/v2'))['paths'] ?? {}
      const v3 = expectObject(await api.get('/openapi/v3/apis/example.com/v1'))['paths'] ?? {}
      const core = expectObject(await api.get('/openapi/v3/api/v1'))['paths'] ?? {}
      const others = ['clusterwidgets/{name}', 'clusterwidgets/{name}/status'].map(
        (end) => `/apis/example.com/v1/${end}`,
      )
      for (const path of [widgetPath, `${widgetPath}/status`, ...others]) {
        expectPatch(v2[path]?.['patch'])
        expectPatch(v3[path]?.['patch'])
        assert.deepEqual(typesIn(v3[path]?.['patch']), listOf(v2[path]?.['patch']?.['consumes']).toSorted())
        const types = typesIn(v3[path]?.['patch'])
        for (const type of patchTypes) assert.ok(types.includes(type), type)
        assert.ok(!types.includes(strategic), `${path} takes no strategic merge patch`)
      }
      const { group, version, kind } = v3[widgetPath]?.['patch']?.['x-kubernetes-group-version-kind'] ?? {}
      assert.deepEqual({ group, version, kind }, widgetKind)
      assert.ok(typesIn(core[configMapPath]?.['patch']).includes(strategic))
      await expectTaken(scene, typesIn(v3[widgetPath]?.['patch']))
    },
  },
]

/** References lead somewhere, operations have ids of their own, and no object is open without saying so. */
function expectSound({ text, json }: ApiAnswer, schemas: Json): void {
  const names = [...text.matchAll(/"\$ref":"#\/(?:definitions|components\/schemas)\/([^"]+)"/g)].map(([, name]) => name)
  for (const name of new Set(names)) {
    assert.ok(name !== undefined && Object.hasOwn(schemas, name.replaceAll('~1', '/')), `nothing is at ${name}`)
  }
  const operations = Object.values(json['paths'] ?? {}).flatMap((path) => Object.values(path))
  const ids = operations.map((operation) => operation['operationId']).filter((id) => id !== undefined)
  assert.ok(ids.length > 0)
  assert.equal(new Set(ids).size, ids.length)
  const about = text.slice(text.indexOf('"com.example.v1'))
  assert.ok(!about.slice(0, about.indexOf('"io.k8s')).includes('"additionalProperties":true'))
}

/** The kinds are found by their group, version and kind, with what merging needs to know. */
function expectKindDefined(schemas: Json): void {
  const schemaOf = (kind: string): Json | undefined =>
    Object.values(schemas).find((schema) =>
      listOf(schema['x-kubernetes-group-version-kind']).some(
        (one) =>
          String(one['kind']) === kind && String(one['group']) === 'example.com' && String(one['version']) === 'v1',
      ),
    )
  assert.equal(schemaOf('WidgetList')?.['properties']?.['items']?.['type'], 'array')
  const { spec, status } = schemaOf('Widget')?.['properties'] ?? {}
  const { tags, parts, port, size } = spec?.['properties'] ?? {}
  assert.deepEqual([size?.['type'], size?.['format']], ['integer', 'int32'])
  assert.equal(tags?.['x-kubernetes-list-type'], 'set')
  assert.deepEqual([parts?.['x-kubernetes-list-type'], parts?.['x-kubernetes-list-map-keys']], ['map', ['name']])
  assert.equal(port?.['x-kubernetes-int-or-string'], true)
  for (const field of Object.values({ ...spec?.['properties'], ...status?.['properties'] })) {
    assert.ok(String(field['description'] ?? '').length > 0)
  }
}

async function expectTagged(api: ApiClient, path: string, { headers, text }: ApiAnswer): Promise<void> {
  const tag = String(headers['etag'])
  assert.match(tag, /^"[^"]+"$/)
  const known = await api.call('GET', path, { headers: { 'if-none-match': tag } })
  assert.deepEqual([known.status, known.text], [304, ''])
  const other = await api.call('GET', path, { headers: { 'if-none-match': '"other"' } })
  assert.deepEqual([other.status, other.text], [200, text])
}

async function servedVersions(api: ApiClient): Promise<readonly string[]> {
  const groups = listOf(expectObject(await api.get('/apis'))['groups'])
  const named = groups.flatMap(({ versions }) => listOf(versions)).map((each) => `apis/${String(each['groupVersion'])}`)
  const core = await api.get('/api')
  const versions = core.status === 404 ? [] : listOf(expectObject(core)['versions'])
  return [...named, ...versions.map((version) => `api/${String(version)}`)].toSorted()
}

/** For about a year, said in one of two ways. */
function expectImmutable({ headers }: ApiAnswer): void {
  const control = String(headers['cache-control'])
  assert.ok(control.includes('public') && control.includes('immutable'), control)
  const [, seconds] = /max-age=(\d+)/.exec(control) ?? []
  const expiresMs = Date.parse(String(headers['expires']))
  const keptMs = seconds === undefined ? expiresMs - Date.parse(String(headers['date'])) : Number(seconds) * 1000
  assert.ok(keptMs > 300 * dayMs, `it may be kept for ${keptMs} ms`)
}

/** A redirect would become a 502 on its way through an aggregator. */
async function expectStaleAnswer({ api, isNative }: Scene, path: string, current: ApiAnswer): Promise<void> {
  const stale = await api.get(`${path}?hash=0123456789ABCDEF`)
  if (!isNative) return void assert.ok([200, 301].includes(stale.status))
  for (const answer of [stale, await api.get(path)]) {
    assert.deepEqual([answer.status, answer.text], [200, current.text])
    assert.ok(!String(answer.headers['cache-control']).includes('immutable'))
    assert.equal(answer.headers['location'], undefined)
  }
}

/** Without these names beside the operation, kubectl believes that the server knows nothing of them. */
function expectPatch(operation: Json | undefined): void {
  assert.equal(operation?.['x-kubernetes-action'], 'patch')
  // What kube-apiserver has merged refers to parameters that are told once: '#/parameters/force-tOGGb0Yi'.
  const names = listOf(operation['parameters']).map(
    ({ name, $ref }) => /^#\/parameters\/(\w+)-/.exec(String($ref))?.[1] ?? String(name),
  )
  for (const name of ['dryRun', 'fieldManager', 'fieldValidation', 'force']) assert.ok(names.includes(name), name)
}

function typesIn(operation: Json | undefined): readonly unknown[] {
  return Object.keys(operation?.['requestBody']?.['content'] ?? {}).toSorted()
}

async function expectTaken({ api, create, widgets }: Scene, types: readonly unknown[]): Promise<void> {
  await create('x')
  const bodies: Readonly<Record<string, unknown>> = {
    'application/json-patch+json': [{ op: 'add', path: '/spec', value: { size: 1 } }],
    'application/merge-patch+json': { spec: { size: 2 } },
    'application/apply-patch+yaml': 'apiVersion: example.com/v1\nkind: Widget\nspec: {size: 2}\n',
  }
  for (const contentType of types.map(String)) {
    if (!Object.hasOwn(bodies, contentType)) continue
    const query = contentType.includes('apply') ? '?fieldManager=me&force=true' : ''
    expectObject(await api.call('PATCH', `${widgets}/x${query}`, { body: bodies[contentType], contentType }))
  }
  for (const contentType of [strategic, 'application/json', 'json', 'none']) {
    expectFailure(await api.call('PATCH', `${widgets}/x`, { body: {}, contentType }), {
      code: 415,
      reason: 'UnsupportedMediaType',
      message: /accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
    })
  }
}
