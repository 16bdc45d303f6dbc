import assert from 'node:assert/strict'
import { type ApiAnswer, type Json, listOf } from '../../support/api-client.ts'
import { expectFailure, expectObject } from '../expect.ts'
import type { Statement } from '../statement.ts'

type MetaVersion = 'v1' | 'v1beta1'

function tableOf(version: MetaVersion, type = 'application/json'): string {
  return `${type};as=Table;v=${version};g=meta.k8s.io`
}

/** What kubectl sends. */
const kubectl = { accept: `${tableOf('v1')},${tableOf('v1beta1')},application/json` }
const namespacedColumns = ['Name', 'Size', 'Phase', 'Mode', 'Age']

export const tables: readonly Statement[] = [
  {
    number: 147,
    sentence: 'One who asks for tables gets them: of one object, of many, of none and of a written one.',
    play: async ({ api, create, widgets, widget }) => {
      const empty = await api.call('GET', widgets, { headers: kubectl })
      assert.deepEqual(expectTable(empty, 'v1')['rows'], [])
      await create('a', { spec: { size: 7, mode: 'Manual' } })
      await create('b')
      for (const [accept, version] of [[kubectl.accept, 'v1'] as const, [tableOf('v1beta1'), 'v1beta1'] as const]) {
        const headers = { accept }
        const list = expectTable(await api.call('GET', widgets, { headers }), version)
        const plain = expectObject(await api.get(widgets))
        assert.deepEqual(namesIn(list), ['a', 'b'])
        assert.ok(Number(list['metadata']?.['resourceVersion']) <= Number(plain['metadata']?.['resourceVersion']))
        const one = expectTable(await api.call('GET', `${widgets}/a`, { headers }), version)
        const object = expectObject(await api.get(`${widgets}/a`))
        assert.equal(one['metadata']?.['resourceVersion'], object['metadata']?.['resourceVersion'])
        assert.deepEqual(listOf(one['rows'])[0]?.['object'], listOf(list['rows'])[0]?.['object'])
        for (const table of [one, list]) expectRow(table, ['a', 7, null, 'Manual'])
      }
      const created = await api.call('POST', widgets, { body: widget('c'), headers: kubectl })
      assert.deepEqual(namesIn(expectTable(created, 'v1', 201)), ['c'])
      const page = expectTable(await api.call('GET', `${widgets}?limit=1`, { headers: kubectl }), 'v1')
      assert.deepEqual(namesIn(page), ['a'])
      assert.equal(page['metadata']?.['remainingItemCount'], 2)
      assert.ok(String(page['metadata']['continue']).length > 0)
    },
  },
  {
    number: 148,
    sentence: 'The rows of a table hold of their objects what includeObject says.',
    play: async ({ api, create, widgets }) => {
      const { json: object } = await create('a', { spec: { size: 7 } })
      for (const path of [widgets, `${widgets}/a`]) {
        const rowOf = async (include: string): Promise<Json | undefined> => {
          const answer = await api.call('GET', `${path}?includeObject=${include}`, { headers: kubectl })
          return listOf(expectTable(answer, 'v1')['rows'])[0]?.['object']
        }
        assert.equal(await rowOf('None'), null)
        assert.deepEqual(await rowOf('Object'), object)
        for (const include of ['Metadata', '']) assert.deepEqual(await rowOf(include), metadataOf(object, 'v1'))
        const wrong = await api.call('GET', `${path}?includeObject=object`, { headers: kubectl })
        expectFailure(wrong, { code: 400, reason: 'BadRequest', message: /includeObject/ })
      }
    },
  },
  {
    number: 149,
    sentence: 'A row holds the metadata of its object, if nothing else is asked for.',
    play: async ({ api, create, widgets }) => {
      const { json: object } = await create('a', { metadata: { labels: { b: 'c' } }, spec: { size: 1 } })
      for (const version of ['v1', 'v1beta1'] as const) {
        for (const path of [widgets, `${widgets}/a`, '/apis/example.com/v1/widgets']) {
          const answer = await api.call('GET', path, { headers: { accept: tableOf(version) } })
          const rows = listOf(expectTable(answer, version)['rows']).map((row) => row['object'])
          const mine = rows.find((row) => row?.['metadata']?.['uid'] === object['metadata']?.['uid'])
          assert.deepEqual(mine, metadataOf(object, version))
        }
      }
    },
  },
]

function metadataOf(object: Json, version: MetaVersion): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object['metadata'] }
}

function namesIn(table: Json): readonly unknown[] {
  return listOf(table['rows']).map(({ cells }) => listOf(cells)[0])
}

/** A table of widgets, with every member that a column has. */
function expectTable(answer: ApiAnswer, version: MetaVersion, code = 200): Json {
  assert.equal(answer.headers['content-type'], 'application/json')
  const table = expectObject(answer, code)
  assert.equal(table['kind'], 'Table')
  assert.equal(table['apiVersion'], `meta.k8s.io/${version}`)
  assert.match(String(table['metadata']?.['resourceVersion']), /^[1-9]\d*$/)
  const columns = listOf(table['columnDefinitions'])
  assert.deepEqual(
    columns.map(({ name }) => name),
    namespacedColumns,
  )
  for (const column of columns) {
    assert.deepEqual(Object.keys(column).sort(), ['description', 'format', 'name', 'priority', 'type'])
    assert.ok(String(column['description']).length > 0)
  }
  assert.deepEqual([columns[0]?.['type'], columns[0]?.['format']], ['string', 'name'])
  assert.equal(columns[1]?.['type'], 'integer')
  assert.deepEqual(
    columns.map(({ priority }) => priority),
    [0, 0, 0, 1, 0],
  )
  assert.equal(columns[4]?.['type'], 'date')
  for (const row of listOf(table['rows'])) assert.equal(listOf(row['cells']).length, columns.length)
  return table
}

/** Its last cell is an age, in words. */
function expectRow(table: Json, cells: readonly unknown[]): void {
  const found = listOf(listOf(table['rows'])[0]?.['cells'])
  assert.deepEqual(found.slice(0, -1), cells)
  assert.match(String(found.at(-1)), /^\d+s$/)
}
