import t from 'tap'
import { aWidget, openWidgetApi, type WidgetParts, widgets } from '../../test/support/widgets.ts'
import { type Answer, type Body, textAt } from '../../test/support/local-api.ts'

const api = await openWidgetApi()
t.teardown(() => api[Symbol.asyncDispose]())

const created = async (name: string, parts: WidgetParts = {}): Promise<Body> =>
  (await api.call(`POST ${widgets}`, { body: aWidget(name, parts) })).body
const read = async (name: string): Promise<Body> => (await api.call(`GET ${widgets}/${name}`)).body
const put = (name: string, body: unknown, query = ''): Promise<Answer> =>
  api.call(`PUT ${widgets}/${name}${query}`, { body })
/** `name` may end in a query. */
const patched = (name: string, body: unknown, type = 'merge-patch+json'): Promise<Answer> =>
  api.call(`PATCH ${widgets}/${name}`, { body, headers: { 'content-type': `application/${type}` } })
const versionOf = (body: Body | undefined): number => Number(textAt(body, 'metadata.resourceVersion'))
const changed = (body: Body, metadata: object, parts: object = {}): object => ({
  ...body,
  ...parts,
  metadata: { ...body['metadata'], ...metadata },
})

t.test('PUT', async (t) => {
  const first = await created('put', { spec: { size: 1 } })
  const second = await put('put', changed(first, {}, { spec: { size: 2 } }))
  t.match(
    second,
    { code: 200, body: { spec: { size: 2 }, metadata: { generation: 2 } } },
    'a changed spec is a new generation',
  )
  t.ok(versionOf(second.body) > versionOf(first))

  const stale = await put('put', changed(first, {}, { spec: { size: 3 } }))
  const modified = 'the object has been modified; please apply your changes to the latest version and try again'
  t.match(stale, {
    code: 409,
    body: {
      message: `Operation cannot be fulfilled on widgets.example.com "put": ${modified}`,
      reason: 'Conflict',
      details: { name: 'put', group: 'example.com', kind: 'widgets' },
    },
  })

  const same = await put('put', second.body)
  t.equal(versionOf(same.body), versionOf(second.body), 'a write that changes nothing is none')
  const labelled = await put('put', changed(second.body, { labels: { a: 'b' }, generation: 99 }))
  t.match(labelled.body['metadata'], { generation: 2, labels: { a: 'b' } })
  const status = await put('put', { ...labelled.body, status: { phase: 'Done' } })
  t.equal(versionOf(status.body), versionOf(labelled.body), 'the main endpoint leaves the status alone')
  const older = await put('put', changed(labelled.body, { creationTimestamp: '2001-01-01T00:00:00Z' }))
  t.equal(versionOf(older.body), versionOf(labelled.body))
})

t.test('PUT is refused', async (t) => {
  const object = await created('refused')
  const uid = textAt(object, 'metadata.uid')
  const cases: readonly [what: string, name: string, body: unknown, code: number, message: RegExp | string][] = [
    [
      'another name',
      'refused',
      changed(object, { name: 'x' }),
      400,
      'the name of the object (x) does not match the name on the URL (refused)',
    ],
    [
      'no name',
      'refused',
      changed(object, { name: '' }),
      400,
      'the name of the object (refused based on URL) was undeterminable: name must be provided',
    ],
    [
      'another namespace',
      'refused',
      changed(object, { namespace: 'x' }),
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'another uid',
      'refused',
      changed(object, { uid: 'x' }),
      409,
      new RegExp(`Precondition failed: UID in precondition: x, UID in object meta: ${uid}$`),
    ],
    [
      'nothing there',
      'absent',
      aWidget('absent', { metadata: { resourceVersion: '1' } }),
      404,
      'widgets.example.com "absent" not found',
    ],
    ['garbage for a version', 'refused', changed(object, { resourceVersion: 'x' }), 400, /invalid resource version/],
    [
      'no version',
      'refused',
      changed(object, { resourceVersion: '' }),
      422,
      /^widgets.example.com "refused" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for/,
    ],
    [
      'a deletion time',
      'refused',
      changed(object, { deletionTimestamp: '2031-01-01T00:00:00Z' }),
      422,
      /deletionTimestamp.*field is immutable/,
    ],
  ]
  for (const [what, name, body, code, message] of cases)
    t.match(await put(name, body), { code, body: { message } }, what)
  t.match(await put('refused', changed(object, { uid: '' })), { code: 200 }, 'an empty uid is filled in')
})

t.test('core kinds are updated without a resourceVersion', async (t) => {
  const path = '/api/v1/namespaces/default/configmaps'
  const body = { metadata: { name: 'c' }, data: { a: '1' } }
  await api.call(`POST ${path}`, { body })
  t.match(await api.call(`PUT ${path}/c`, { body: { ...body, data: { a: '2' } } }), {
    code: 200,
    body: { data: { a: '2' } },
  })
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, index) => api.call(`PUT ${path}/c`, { body: { ...body, data: { a: `${index}` } } })),
  )
  t.ok(
    many.every(({ code }) => code === 200),
    'all of many at once',
  )
})

t.test('status', async (t) => {
  const object = await created('status', { spec: { size: 1 } })
  const path = 'status/status'
  const body = changed(object, { labels: { a: 'b' } }, { spec: { size: 9 }, status: { phase: 'Done' } })
  const written = await put(path, body)
  t.match(written, {
    code: 200,
    body: { kind: 'Widget', status: { phase: 'Done' }, spec: { size: 1 }, metadata: { generation: 1 } },
  })
  t.equal(written.body['metadata']?.['labels'], undefined)
  t.equal((await put(path, body)).code, 409, "the version is the object's")
  t.match(await patched(path, { status: { phase: 'Failed' }, spec: { size: 7 } }), {
    code: 200,
    body: { status: { phase: 'Failed' }, spec: { size: 1 } },
  })
  t.match((await api.call(`GET ${widgets}/${path}`)).body, { status: { phase: 'Failed' } })
  t.equal((await api.call(`DELETE ${widgets}/${path}`)).code, 405)
  t.equal((await api.call(`GET ${widgets}/status/scale`)).code, 404)
})

t.test('patches', async (t) => {
  await created('patch', { spec: { size: 1, owner: 'me' }, metadata: { labels: { a: '1' } } })
  t.match((await patched('patch', { metadata: { labels: { a: null, b: '2' } }, spec: { owner: null } })).body, {
    metadata: { labels: { b: '2' } },
    spec: { size: 1 },
  })
  t.equal((await read('patch'))['spec']?.['owner'], undefined)
  const json = [
    { op: 'test', path: '/spec/size', value: 1 },
    { op: 'replace', path: '/spec/size', value: 2 },
    { op: 'add', path: '/metadata/labels/c', value: '3' },
  ]
  t.match((await patched('patch', json, 'json-patch+json')).body, {
    spec: { size: 2 },
    metadata: { labels: { c: '3' } },
  })
  const before = await read('patch')
  t.equal(
    versionOf((await patched('patch', { spec: { size: 2 } })).body),
    versionOf(before),
    'a patch that changes nothing is none',
  )
  t.equal(versionOf((await patched('patch?dryRun=All', { spec: { size: 5 } })).body), versionOf(before))
  t.equal((await read('patch'))['spec']?.['size'], 2)
  const many = await Promise.all(Array.from({ length: 20 }, (_, size) => patched('patch', { spec: { size } })))
  t.ok(
    many.every(({ code }) => code === 200),
    'a patch without a version never conflicts',
  )
  t.equal((await patched('patch', { metadata: { resourceVersion: '1' } })).code, 409)
})

t.test('patches are refused', async (t) => {
  await created('unpatched', { spec: { size: 1 } })
  const merge = 'merge-patch+json'
  const jsonPatch = 'json-patch+json'
  const generic = 'the server rejected our request due to an error in our request'
  const cases: readonly [
    what: string,
    name: string,
    body: unknown,
    type: string,
    code: number,
    message: RegExp | string,
  ][] = [
    ['a failing test', 'unpatched', [{ op: 'test', path: '/spec/size', value: 9 }], jsonPatch, 422, generic],
    ['a missing path', 'unpatched', [{ op: 'remove', path: '/spec/x' }], jsonPatch, 422, generic],
    ['an object for a JSON patch', 'unpatched', {}, jsonPatch, 400, /^error decoding patch: /],
    ['not JSON', 'unpatched', '{', merge, 400, /^error decoding patch: /],
    ['a list for a merge patch', 'unpatched', [], merge, 400, /^error decoding patch: /],
    [
      'too many operations',
      'unpatched',
      Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/spec/size', value: 1 })),
      jsonPatch,
      413,
      'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
    ],
    [
      'another name',
      'unpatched',
      { metadata: { name: 'x' } },
      merge,
      400,
      'the name of the object (x) does not match the name on the URL (unpatched)',
    ],
    [
      'another uid',
      'unpatched',
      { metadata: { uid: 'x' } },
      merge,
      422,
      /metadata.uid: Invalid value: "x": field is immutable/,
    ],
    ['nothing there', 'absent', {}, merge, 404, 'widgets.example.com "absent" not found'],
    ['an invalid result', 'unpatched', { spec: { size: -1 } }, merge, 422, /spec.size/],
    [
      'another type',
      'unpatched',
      {},
      'json',
      415,
      /include: application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml$/,
    ],
    ['strategic merge', 'unpatched', {}, 'strategic-merge-patch+json', 415, /accepted media types include/],
  ]
  for (const [what, name, body, type, code, message] of cases) {
    t.match(await patched(name, body, type), { code, body: { message } }, what)
  }
  const forced = await patched('unpatched?force=true', {})
  t.match(forced, { code: 422, body: { message: /force: Forbidden: may not be specified for non-apply patch/ } })
  const nameless = await patched('unpatched', aWidget('unpatched'), 'apply-patch+yaml')
  t.match(nameless, {
    code: 422,
    body: { message: /fieldManager: Required value: is required for apply patch/, details: { kind: 'PatchOptions' } },
  })
  const strict = await patched('unpatched?fieldValidation=Strict', { spec: { foo: 1 } })
  t.match(strict, {
    code: 422,
    body: { message: /^ "" is invalid: patch: Invalid value: .*strict decoding error: unknown field "spec.foo"/ },
  })
  t.match(await patched('unpatched', { spec: { foo: 1 } }, `${merge}; charset=utf-8`), {
    code: 200,
    warnings: ['unknown field "spec.foo"'],
  })
})

t.test('core kinds take strategic merge patches', async (t) => {
  const path = '/api/v1/namespaces/default/configmaps'
  const owners = ['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: name }))
  await api.call(`POST ${path}`, {
    body: { metadata: { name: 's', ownerReferences: owners, finalizers: ['a/b'] }, data: { a: '1', b: '2' } },
  })
  const patch = {
    metadata: { ownerReferences: [{ $patch: 'delete', uid: 'a' }], finalizers: ['c/d'], $setElementOrder: null },
    data: { a: null, c: '3' },
  }
  const headers = { 'content-type': 'application/strategic-merge-patch+json' }
  const { body } = await api.call(`PATCH ${path}/s`, { body: patch, headers })
  t.same(body['data'], { b: '2', c: '3' })
  t.match(body['metadata'], { ownerReferences: [{ uid: 'b' }], finalizers: ['c/d', 'a/b'] })
})

t.test('deletion waits for finalizers', async (t) => {
  await created('held', { metadata: { finalizers: ['example.com/a', 'example.com/b'] } })
  const marked = await api.call(`DELETE ${widgets}/held`)
  t.match(marked, {
    code: 200,
    body: { kind: 'Widget', metadata: { deletionTimestamp: String, deletionGracePeriodSeconds: 0, generation: 2 } },
  })
  const again = await api.call(`DELETE ${widgets}/held`)
  t.equal(versionOf(again.body), versionOf(marked.body))
  t.match(await api.call(`POST ${widgets}`, { body: aWidget('held') }), {
    code: 409,
    body: { message: /^object is being deleted: / },
  })
  const added = await patched('held', { metadata: { finalizers: ['example.com/a', 'example.com/c'] } })
  t.match(added, {
    code: 422,
    body: {
      message: /no new finalizers can be added if the object is being deleted, found .* \[\]string\{"example.com\/c"\}/,
    },
  })
  t.match(await put('held', changed(marked.body, { deletionTimestamp: undefined, finalizers: ['example.com/a'] })), {
    code: 200,
  })
  const last = await patched('held', { metadata: { finalizers: null } })
  t.equal(last.code, 200)
  t.equal((await api.call(`GET ${widgets}/held`)).code, 404)
})

t.test('deletion', async (t) => {
  const remove = (name: string, body?: unknown, query = ''): Promise<Answer> =>
    api.call(`DELETE ${widgets}/${name}${query}`, body === undefined ? {} : { body })
  const object = await created('gone')
  const uid = textAt(object, 'metadata.uid')
  const other = await remove('gone', { preconditions: { uid: 'x' } })
  const mismatch = `the UID in the precondition (x) does not match the UID in record (${uid})`
  const why = `${mismatch}. The object might have been deleted and then recreated`
  t.match(other, {
    code: 409,
    body: {
      message: `Operation cannot be fulfilled on Widget.example.com "gone": ${why}`,
      details: { kind: 'Widget' },
    },
  })
  t.match(await remove('gone', { preconditions: { resourceVersion: '1' } }), { code: 409 })
  t.match(await remove('gone', undefined, '?dryRun=All'), { code: 200 })
  t.match(await remove('gone', { kind: 'Pod', apiVersion: 'v1' }), { code: 400 })
  t.match(await remove('gone', { propagationPolicy: 'x' }), {
    code: 422,
    body: {
      message: /^DeleteOptions.meta.k8s.io "" is invalid: .*"x": supported values: "Foreground", "Background", "Or/,
    },
  })
  t.match(await remove('gone', { propagationPolicy: 'Orphan', orphanDependents: true }), { code: 422 })
  const options = { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', preconditions: { uid } }
  t.same((await remove('gone', options)).body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'gone', group: 'example.com', kind: 'widgets', uid },
  })
  t.equal((await remove('gone')).code, 404)
  await created('policies')
  t.match((await remove('policies', { propagationPolicy: 'Foreground' }, '?propagationPolicy=Orphan')).body, {
    metadata: { finalizers: ['foregroundDeletion'] },
  })
  t.match((await remove('policies', undefined, '?propagationPolicy=Orphan')).body, {
    metadata: { finalizers: ['orphan'] },
  })
  t.match((await remove('policies', { propagationPolicy: 'Background' })).body, { status: 'Success' })
})

t.test('deletion of a collection', async (t) => {
  const labels = { batch: 'x' }
  for (const name of ['d1', 'd2']) await created(name, { metadata: { labels } })
  await created('d3', { metadata: { labels, finalizers: ['example.com/a'] } })
  const answer = await api.call(`DELETE ${widgets}?labelSelector=batch%3Dx`)
  t.match(answer, { code: 200, body: { kind: 'WidgetList', items: [{ metadata: { name: 'd1' } }, {}, {}] } })
  t.match((await api.call(`GET ${widgets}?labelSelector=batch`)).body['items'], [
    { metadata: { name: 'd3', deletionTimestamp: String } },
  ])
  t.match((await api.call(`DELETE ${widgets}?labelSelector=batch%3Dnone`)).body, { items: [] })
  t.equal((await api.call('DELETE /apis/example.com/v1/widgets')).code, 405)
  t.equal((await api.call(`PUT ${widgets}`, { body: {} })).code, 405)
})

t.test('versions', async (t) => {
  const old = widgets.replace('/v1/', '/v1beta1/')
  const sent = { metadata: { name: 'versions' }, spec: { count: 3 } }
  t.match((await api.call(`POST ${old}`, { body: sent })).body, {
    apiVersion: 'example.com/v1beta1',
    spec: { count: 3 },
  })
  t.match(await read('versions'), { apiVersion: 'example.com/v1', spec: { size: 3 } })
  await patched('versions', { spec: { serial: 7 } })
  const shown = (await api.call(`GET ${old}/versions`)).body
  t.match(shown, { spec: { count: 3 }, metadata: { annotations: { 'example.com/conversion-data': '{"serial":7}' } } })
  t.match((await api.call(`PUT ${old}/versions`, { body: { ...shown, spec: { count: 4 } } })).code, 200)
  const now = await read('versions')
  t.match(now, { spec: { size: 4, serial: 7 } }, 'what the older version cannot say comes back')
  t.equal(now['metadata']?.['annotations'], undefined)
})
