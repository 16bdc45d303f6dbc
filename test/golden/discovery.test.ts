import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import type { DocumentRequest } from '../../apiserver/discovery/document.ts'
import { discoveryDocuments } from '../../apiserver/discovery/documents.ts'
import type { ApiResponse } from '../../apiserver/endpoints/endpoint.ts'
import { coreKinds, kinds, testKinds } from '../../kinds/catalog.gen.ts'
import { goldenFiles, goldenKinds, goldenVersion } from './golden-files.ts'

const documents = discoveryDocuments(goldenKinds, goldenVersion)
const all = discoveryDocuments([...kinds, ...coreKinds, ...testKinds], goldenVersion)
const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const v2beta1 = v2.replace('v=v2', 'v=v2beta1')

type Bytes = Extract<ApiResponse, { type: 'bytes' }>

function get(path: string, request: DocumentRequest = {}, of = documents): Bytes {
  const answer = of.get(path)?.(request)
  if (answer?.type !== 'bytes') throw new Error(`no bytes at ${path}`)
  return answer
}

function json(path: string, request: DocumentRequest = {}, of = documents): Record<string, unknown> {
  return JSON.parse(String(get(path, request, of).body)) as Record<string, unknown>
}

/** Every object of a JSON value, with the name of the member it stands in. */
function* objectsIn(value: unknown, name = ''): Generator<[string, Record<string, unknown>]> {
  if (Array.isArray(value)) for (const item of value) yield* objectsIn(item, name)
  else if (typeof value === 'object' && value !== null) {
    yield [name, value as Record<string, unknown>]
    for (const [member, part] of Object.entries(value)) yield* objectsIn(part, member)
  }
}

t.test('the documents are those that were reviewed; npm run update writes them afresh', (t) => {
  for (const { path, text } of goldenFiles()) t.equal(text, readFileSync(path, 'utf8'), basename(path))
  t.end()
})

t.test('the form of discovery is the first that the Accept header names and the server has', (t) => {
  const cases = [
    [undefined, 'application/json', 'APIGroupList'],
    ['*/*', 'application/json', 'APIGroupList'],
    ['application/json', 'application/json', 'APIGroupList'],
    [v2, v2, 'APIGroupDiscoveryList'],
    [v2beta1, v2beta1, 'APIGroupDiscoveryList'],
    [`${v2},${v2beta1},application/json`, v2, 'APIGroupDiscoveryList'],
    [`${v2};profile=nopeer,application/json`, v2, 'APIGroupDiscoveryList'],
    [`${v2.replace('v=v2', 'v=v9')},application/json`, 'application/json', 'APIGroupList'],
    [`application/vnd.kubernetes.protobuf,${v2}`, v2, 'APIGroupDiscoveryList'],
  ] as const
  for (const [accept, contentType, kind] of cases) {
    t.equal(get('/apis', { accept }).contentType, contentType, String(accept))
    t.equal(json('/apis', { accept }).kind, kind, String(accept))
  }
  t.match(documents.get('/apis')?.({ accept: 'application/vnd.kubernetes.protobuf' }), {
    code: 406,
    object: { kind: 'Status' },
  })
  t.end()
})

t.test('discovery comes as YAML to those who like it better, and as nothing else', (t) => {
  for (const path of ['/apis', '/apis/example.com', '/apis/example.com/v1', '/api', '/api/v1']) {
    const answer = (accept: string): unknown => all.get(path)?.({ accept })
    t.match(answer('application/yaml, application/json;q=0.5'), {
      type: 'object',
      code: 200,
      object: json(path, {}, all),
    })
    t.match(answer('application/vnd.kubernetes.protobuf'), { code: 406, object: { reason: 'NotAcceptable' } })
  }
  t.end()
})

t.test('a client that has a document gets 304', (t) => {
  for (const [path, accept] of [
    ['/apis', v2],
    ['/openapi/v2'],
    ['/openapi/v3'],
    ['/openapi/v3/apis/example.com/v1'],
  ] as const) {
    const first = get(path, { accept })
    const ifNoneMatch = first.headers?.etag ?? ''
    t.match(ifNoneMatch, /^"[0-9A-F]{128}"$/, path)
    const second = get(path, { accept, ifNoneMatch })
    t.match(
      { code: second.code, bytes: second.body.length, etag: second.headers?.etag },
      { code: 304, bytes: 0, etag: ifNoneMatch },
    )
    t.equal(get(path, { accept, ifNoneMatch: '"other"' }).code, 200)
    const again = discoveryDocuments(goldenKinds, goldenVersion).get(path)?.({ accept, ifNoneMatch })
    t.equal(again?.code, 304, 'another process has the same tag')
  }
  t.end()
})

t.test('the OpenAPI v3 index lists the versions with the hash of each document, which then never changes', (t) => {
  const { paths } = json('/openapi/v3') as { paths: Record<string, { serverRelativeURL: string }> }
  t.strictSame(Object.keys(paths), ['apis/example.com/v1', 'apis/example.com/v1beta1'])
  for (const [name, { serverRelativeURL }] of Object.entries(paths)) {
    const url = new URL(serverRelativeURL, 'https://server')
    t.equal(url.pathname, `/openapi/v3/${name}`)
    const hash = url.searchParams.get('hash') ?? ''
    t.match(get(url.pathname, { hash }).headers, { etag: `"${hash}"`, 'cache-control': /immutable/ })
    t.match(get(url.pathname, { hash: 'stale' }), { code: 200, headers: { 'cache-control': undefined } })
  }
  t.end()
})

t.test('OpenAPI v2 comes as JSON and as protocol buffers, and as nothing else', (t) => {
  const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
  t.equal(get('/openapi/v2').contentType, 'application/json')
  t.equal(get('/openapi/v2', { accept: protobuf.replace('v2.v1', 'v2@v1') }).contentType, protobuf)
  t.equal(get('/openapi/v2', { accept: protobuf }).contentType, protobuf)
  t.match(get('/openapi/v2', { accept: 'application/vnd.other' }), { code: 406, body: Buffer.alloc(0) })
  const bytes = Buffer.from(get('/openapi/v2', { accept: protobuf }).body)
  // Document.swagger, field 1.
  t.equal(bytes.subarray(0, 5).toString('latin1'), '\n\u00032.0')
  t.ok(bytes.includes('com.example.v1.Widget'))
  t.end()
})

t.test('what is true of every OpenAPI document of every kind', (t) => {
  const paths = [...all.keys()].filter((path) => path.startsWith('/openapi/v3/'))
  for (const path of [...paths, '/openapi/v2']) {
    const document = json(path, {}, all)
    const text = JSON.stringify(document)
    const schemas = (
      path === '/openapi/v2' ? document.definitions : (document.components as Record<string, unknown>).schemas
    ) as object
    const pointers = [...text.matchAll(/"\$ref":"#\/(?:definitions|components\/schemas)\/([^"]+)"/g)]
    t.strictSame(
      [...new Set(pointers.map(([, name = '']) => name))].filter((name) => !Object.hasOwn(schemas, name)),
      [],
      `${path}: every reference leads somewhere`,
    )
    const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id)
    t.equal(new Set(ids).size, ids.length, `${path}: operation ids are unique`)
    const undescribed: string[] = []
    for (const [name, node] of objectsIn(schemas)) {
      if (name !== 'properties') continue
      for (const [field, part] of Object.entries(node)) {
        if (!(part as { description?: string }).description) undescribed.push(field)
      }
    }
    t.notOk(text.includes('"additionalProperties":true'), `${path}: no additionalProperties: true`)
    t.strictSame(undescribed, [], `${path}: every field has a description`)
  }
  t.notOk(JSON.stringify(json('/openapi/v2', {}, all)).includes('"nullable"'))
  t.end()
})

t.test('what is asked at objects of a kind is told of there, whatever group it belongs to', (t) => {
  const core = json('/openapi/v3/api/v1', {}, all) as { paths: Record<string, { post?: Record<string, unknown> }> }
  const asked = { group: 'authentication.k8s.io', kind: 'TokenRequest', version: 'v1' }
  t.match(core.paths['/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token']?.post, {
    operationId: 'createCoreV1NamespacedServiceAccountToken',
    'x-kubernetes-group-version-kind': asked,
  })
  const { items } = json('/apis', { accept: v2 }, all) as unknown as { items: readonly AggregatedGroup[] }
  const [v1] = items.find(({ metadata }) => metadata.name === 'external-secrets.io')?.versions ?? []
  const below = (plural: string): unknown => v1?.resources.find(({ resource }) => resource === plural)?.subresources
  const responseKind = (kind: string): object => ({ group: 'external-secrets.io', version: 'v1', kind })
  t.match(below('clustersecretstores'), [
    { subresource: 'status' },
    { subresource: 'refresh', responseKind: responseKind('StoreRefresh'), verbs: ['create'] },
    { subresource: 'test', responseKind: responseKind('StoreTest'), verbs: ['create'] },
  ])
  const older = json('/apis/external-secrets.io/v1beta1', {}, all) as { resources: readonly { name: string }[] }
  const names = older.resources.map(({ name }) => name).filter((name) => name.startsWith('externalsecrets/'))
  t.strictSame(names, ['externalsecrets/status', 'externalsecrets/effective'])
  t.end()
})

t.test('the PATCH operations say what kubectl looks for', (t) => {
  const { paths } = json('/openapi/v3/apis/example.com/v1') as { paths: Record<string, { patch?: Operation }> }
  const patches = Object.values(paths).flatMap(({ patch }) => (patch ? [patch] : []))
  t.equal(patches.length, 4)
  for (const patch of patches) {
    t.strictSame(
      patch.parameters.map(({ name }) => name),
      ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
    )
    const types = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']
    t.strictSame(Object.keys(patch.requestBody.content), types)
  }
  const core = json('/openapi/v3/api/v1', {}, all) as { paths: Record<string, { patch?: Operation }> }
  const configMap = core.paths['/api/v1/namespaces/{namespace}/configmaps/{name}']?.patch
  t.ok(Object.hasOwn(configMap?.requestBody.content ?? {}, 'application/strategic-merge-patch+json'))
  t.end()
})

t.test('defaults that are not stored stand in the description alone', (t) => {
  const schemas = json('/openapi/v3/apis/example.com/v1').components as { schemas: Record<string, SpecSchema> }
  const modeOf = (name: string): unknown => schemas.schemas[name]?.properties.spec.properties.mode
  t.match(modeOf('com.example.v1.Widget'), {
    description: 'How the widget works. Defaults to Auto.',
    default: undefined,
  })
  t.match(modeOf('com.example.v1.ClusterWidget'), { description: 'How the widget works.', default: 'Auto' })
  t.end()
})

interface Operation {
  readonly parameters: readonly { readonly name: string }[]
  readonly requestBody: { readonly content: object }
}

interface AggregatedGroup {
  readonly metadata: { readonly name: string }
  readonly versions: readonly {
    readonly resources: readonly { readonly resource: string; readonly subresources?: readonly object[] }[]
  }[]
}

interface SpecSchema {
  readonly properties: { readonly spec: { readonly properties: Readonly<Record<string, unknown>> } }
}
