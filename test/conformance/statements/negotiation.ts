import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { decodeYaml } from '../../../machinery/yaml.ts'
import { type ApiAnswer, type Json, listOf } from '../../support/api-client.ts'
import { expectFailure, expectObject } from '../expect.ts'
import type { Scene } from '../scene.ts'
import type { Statement } from '../statement.ts'

const protobuf = 'application/vnd.kubernetes.protobuf'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

function formed(kind: string, version = 'v1', type = 'application/json'): string {
  return `${type};as=${kind};g=meta.k8s.io;v=${version}`
}

export const negotiation: readonly Statement[] = [
  {
    number: 150,
    sentence: 'One who asks for metadata gets it alone: of an object, of a list and of events.',
    play: async (scene) => {
      const { json: object } = await scene.create('a', { metadata: { labels: { b: 'c' } }, spec: { size: 1 } })
      for (const version of ['v1', 'v1beta1']) {
        const apiVersion = `meta.k8s.io/${version}`
        const metadata = { kind: 'PartialObjectMetadata', apiVersion, metadata: object['metadata'] }
        const one = await getMetadata(scene, `${scene.widgets}/a`, { kind: 'PartialObjectMetadata', version })
        assert.deepEqual(expectObject(one), metadata)
        const many = await getMetadata(scene, scene.widgets, { kind: 'PartialObjectMetadataList', version })
        const { metadata: listMeta, ...list } = expectObject(many)
        assert.deepEqual(list, { kind: 'PartialObjectMetadataList', apiVersion, items: [metadata] })
        assert.match(String(listMeta?.['resourceVersion']), /^[1-9]\d*$/)
        for (const { headers } of [one, many]) assert.equal(headers['content-type'], 'application/json')
        const accept = metadataAccept(scene, { kind: 'PartialObjectMetadata', version })
        const stream = await scene.watch(`${scene.widgets}?watch=true`, { accept })
        assert.deepEqual(await stream.next(), { type: 'ADDED', object: metadata })
        stream.close()
      }
      assert.ok(JSON.stringify(object['metadata']).includes('managedFields'), 'they are part of it')
    },
  },
  {
    number: 151,
    sentence: 'Where nothing that the client reads can be had, it is 406 in a form that people read.',
    play: async ({ api, create, widgets, widget, isNative }) => {
      await create('a')
      const accepts = isNative ? [protobuf, 'application/cbor', 'text/html', formed('Gadget')] : ['text/html']
      for (const accept of accepts) {
        const headers = { accept }
        for (const path of [widgets, `${widgets}/a`, `${widgets}/missing`, '/apis/example.com/v1']) {
          expectNotAcceptable(await api.call('GET', path, { headers }))
        }
        expectNotAcceptable(await api.call('POST', widgets, { body: widget('b'), headers }))
        expectNotAcceptable(await api.call('DELETE', `${widgets}/a`, { headers }))
      }
      assert.equal((await api.get(`${widgets}/b`)).status, 404, 'it was refused before it was written')
      expectObject(await api.get(`${widgets}/a`))
      if (isNative) return
      assert.equal((await api.call('GET', `${widgets}/a`, { headers: { accept: protobuf } })).status, 406)
    },
  },
  {
    number: 152,
    sentence: 'JSON is the first of what the server has: anything at all is JSON.',
    play: async ({ api, create, widgets }) => {
      const { json: object } = await create('a')
      const anything = ['text/html, */*;q=0.1', '*/*', 'application/*', '', 'text/html,application/json;charset=utf-8']
      const unknown = [`${formed('Gadget')},application/json`, `${formed('Table', 'v9')},application/json`]
      for (const accept of [...anything, ...unknown, 'application/cbor,application/json;q=0.9']) {
        const answer = await api.call('GET', `${widgets}/a`, { headers: { accept } })
        assert.deepEqual(expectObject(answer), object, accept)
        assert.equal(answer.headers['content-type'], 'application/json')
      }
    },
  },
  {
    number: 153,
    sentence: 'YAML is answered to those who ask for it, also where something went wrong.',
    play: async ({ api, create, widgets, widget }) => {
      const { json: first } = await create('a', {
        spec: { owner: 'on', settings: { on: 'true', 'a: b': '1e3' }, serial: 12 },
      })
      const headers = { accept: 'application/yaml' }
      const discovery = ['/apis/example.com', '/apis/example.com/v1']
      const version = `resourceVersion=${String(first['metadata']?.['resourceVersion'])}`
      const list = `${widgets}?resourceVersionMatch=Exact&${version}`
      for (const path of [list, `${widgets}/a`, `${widgets}/missing`, ...discovery]) {
        const answer = await api.call('GET', path, { headers })
        const plain = await api.get(path)
        assert.equal(answer.status, plain.status)
        assert.deepEqual(yamlOf(answer), plain.json)
      }
      const created = await api.call('POST', widgets, { body: widget('b'), headers })
      assert.equal(created.status, 201)
      assert.deepEqual(yamlOf(created), (await api.get(`${widgets}/b`)).json)
      const asTable = { headers: { accept: formed('Table', 'v1', 'application/yaml') } }
      assert.equal(yamlOf(await api.call('GET', widgets, asTable))['kind'], 'Table')
      const watch = await api.call('GET', `${widgets}?watch=true&timeoutSeconds=1`, { headers })
      assert.deepEqual([watch.status, yamlOf(watch)['reason']], [406, 'NotAcceptable'])
    },
  },
  {
    number: 154,
    sentence: 'A list is not the metadata of one object, and an object not that of a list.',
    play: async ({ api, create, widgets, isNative }) => {
      await create('a')
      for (const version of ['v1', 'v1beta1']) {
        const one = { headers: { accept: formed('PartialObjectMetadata', version) } }
        expectFailure(await api.call('GET', widgets, one), {
          code: 406,
          reason: 'NotAcceptable',
          message: /^you requested PartialObjectMetadata, but the requested object is a list/,
        })
        const many = { headers: { accept: formed('PartialObjectMetadataList', version) } }
        const wrong = await api.call('GET', `${widgets}/a`, many)
        // Of a custom resource, kube-apiserver does not know whether it is a list.
        if (!isNative) assert.equal(wrong.status, 500)
        else
          expectFailure(wrong, {
            code: 406,
            reason: 'NotAcceptable',
            message: /^you requested PartialObjectMetadataList, but the requested object is not a list/,
          })
      }
    },
  },
  {
    number: 155,
    sentence: 'What went wrong is told in a Status, whatever form was asked for.',
    play: async ({ api, create, widgets, widget }) => {
      await create('a')
      for (const accept of [table, formed('PartialObjectMetadata')]) {
        const headers = { accept }
        expectFailure(await api.call('GET', `${widgets}/missing`, { headers }), { code: 404, reason: 'NotFound' })
        const again = await api.call('POST', widgets, { body: widget('a'), headers })
        expectFailure(again, { code: 409, reason: 'AlreadyExists' })
        const wrong = await api.call('POST', widgets, { body: widget('B'), headers })
        expectFailure(wrong, { code: 422, reason: 'Invalid' })
      }
      const gone = expectObject(await api.call('DELETE', `${widgets}/a`, { headers: { accept: table } }))
      assert.deepEqual([gone['kind'], gone['status']], ['Status', 'Success'], 'nor is success a table')
    },
  },
  {
    number: 156,
    sentence: 'Large answers are compressed for those who say gzip, and in no other spelling.',
    play: async (scene) => {
      const { create, widgets } = scene
      await create('small')
      const settings = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`s${index}`, 'x'.repeat(1000)]))
      await create('large', { spec: { settings } })
      for (const path of [widgets, `${widgets}/large`]) {
        for (const encoding of ['gzip', 'deflate, gzip', 'gzip, br']) await expectGzip(scene, path, encoding)
        for (const encoding of ['gzip;q=0', 'gzip;q=0.5', 'GZIP', 'deflate', ''])
          await expectPlain(scene, path, encoding)
      }
      await expectPlain(scene, `${widgets}/small`, 'gzip')
      await expectPlain(scene, `${widgets}?watch=true&timeoutSeconds=1`, 'gzip')
    },
  },
  {
    number: 157,
    sentence: 'What a client likes better counts more than where it stands.',
    play: async ({ api, create, widgets }) => {
      await create('a')
      const yaml = 'application/yaml'
      const json = 'application/json'
      for (const [accept, expected] of [
        [`${json};q=0.1, ${yaml}`, yaml],
        [`${yaml};q=0.1, ${json}`, json],
        [`${json}, ${yaml}`, json],
        [`${yaml}, ${json}`, yaml],
        [`*/*;q=0.8, ${yaml};q=0.9`, yaml],
        [`*/*, ${yaml}`, yaml],
        [`text/html, ${yaml};q=0.5, ${json};q=0.4`, yaml],
        [`${json};q=0, ${yaml};q=0.001`, yaml],
      ] as const) {
        const { status, headers } = await api.call('GET', `${widgets}/a`, { headers: { accept } })
        assert.deepEqual([status, headers['content-type']], [200, expected], accept)
      }
    },
  },
]

interface MetadataForm {
  readonly kind: string
  readonly version: string
}

/** What metadata clients send. kube-apiserver has protobuf and would take the first clause. */
function metadataAccept({ isNative }: Scene, { kind, version }: MetadataForm): string {
  const json = `${formed(kind, version)},application/json`
  return isNative ? `${formed(kind, version, protobuf)},${json}` : json
}

function getMetadata(scene: Scene, path: string, form: MetadataForm): Promise<ApiAnswer> {
  return scene.api.call('GET', path, { headers: { accept: metadataAccept(scene, form) } })
}

/** Indented, without a newline: whoever sees it is no program that knows the API. */
function expectNotAcceptable(answer: ApiAnswer): void {
  expectFailure(answer, {
    code: 406,
    reason: 'NotAcceptable',
    message: /^only the following media types are accepted: application\/json, application\/yaml/,
  })
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.text, JSON.stringify(answer.json, null, 2))
}

function yamlOf({ headers, text }: ApiAnswer): Json {
  assert.equal(headers['content-type'], 'application/yaml')
  assert.notEqual(text[0], '{', 'it is not JSON, which is YAML too')
  return decodeYaml(text) as unknown as Json
}

interface Raw {
  readonly headers: ApiAnswer['headers']
  readonly body: Buffer
}

async function raw({ api }: Scene, path: string, encoding: string): Promise<Raw> {
  const end = new AbortController()
  const { headers, body } = await api.open(path, { headers: { 'accept-encoding': encoding }, signal: end.signal })
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  return { headers, body: Buffer.concat(pieces) }
}

async function expectGzip(scene: Scene, path: string, encoding: string): Promise<void> {
  const { headers, body } = await raw(scene, path, encoding)
  assert.equal(headers['content-encoding'], 'gzip', `${path} for ${encoding}`)
  assert.ok(
    listOf([headers['vary']].flat() as unknown as Json).some((each) => String(each).includes('Accept-Encoding')),
  )
  assert.ok(body.length < 100_000)
  const { metadata: _, ...rest } = JSON.parse(gunzipSync(body).toString()) as Json
  const { metadata: __, ...plain } = (await scene.api.get(path)).json
  assert.deepEqual(rest, plain)
}

async function expectPlain(scene: Scene, path: string, encoding: string): Promise<void> {
  const { headers, body } = await raw(scene, path, encoding)
  assert.equal(headers['content-encoding'], undefined, `${path} for ${encoding}`)
  assert.equal(body[0], '{'.charCodeAt(0))
}
