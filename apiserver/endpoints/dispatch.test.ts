import t from 'tap'
import { namespace } from '../../kinds/core/namespace/kind.ts'
import { clusterWidget } from '../../kinds/test/cluster-widget/kind.ts'
import { widget } from '../../kinds/test/widget/kind.ts'
import { openLocalApi } from '../../test/support/local-api.ts'

const api = await openLocalApi({ kinds: [namespace, widget, clusterWidget] })
t.teardown(() => api[Symbol.asyncDispose]())

const widgets = '/apis/example.com/v1/namespaces/default/widgets'
const aWidget = (name: string, spec: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
})

t.test('a namespace is needed first', async (t) => {
  const refused = await api.call(`POST ${widgets}`, { body: aWidget('a') })
  t.match(refused, { code: 404, body: { message: 'namespaces "default" not found', details: { name: 'default', kind: 'namespaces' } } })
  const created = await api.call('POST /api/v1/namespaces', { body: { metadata: { name: 'default' } } })
  t.match(created, { code: 201, body: { status: { phase: 'Active' } } })
})

t.test('smoke', async (t) => {
  const r = await api.call(`POST ${widgets}`, { body: aWidget('a', { size: 3 }) })
  t.comment(r.code, r.text)
  for (const l of [`GET ${widgets}/a`, `GET ${widgets}`]) {
    const r = await api.call(l)
    t.comment(r.code, r.text)
  }
})
