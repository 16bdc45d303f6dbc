import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../expect.ts'
import { expectInvalid } from '../../expect-invalid.ts'
import type { Statement } from '../../statement.ts'

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/** Under which name and in which namespace a new object stands. */
export const places: readonly Statement[] = [
  {
    number: 23,
    sentence: 'An object without a name and without a prefix for one is invalid.',
    play: async ({ api, isNative, widgets, widget }) => {
      const message = 'Required value: name or generateName is required'
      const causes = [{ field: 'metadata.name', reason: 'FieldValueRequired', message }]
      const invalid = { name: '', causes, isOfCustomResource: !isNative }
      expectInvalid(await api.post(widgets, widget('')), invalid)
      expectInvalid(await api.post(widgets, { apiVersion: 'example.com/v1', kind: 'Widget' }), invalid)
    },
  },
  {
    number: 24,
    sentence: 'A name is one segment of a path in lower case.',
    play: async ({ api, widgets, widget }) => {
      const message = `Invalid value: "Abc": ${subdomainText}`
      const causes = [{ field: 'metadata.name', reason: 'FieldValueInvalid', message }]
      expectInvalid(await api.post(widgets, widget('Abc')), { name: 'Abc', causes })
      for (const name of ['a/b', 'a%b', '.', '..', 'a_b', '-a', 'a-', 'a..b', 'ä', 'x'.repeat(254)]) {
        const status = expectFailure(await api.post(widgets, widget(name)), { code: 422, reason: 'Invalid' })
        const [cause] = (status['details']?.['causes'] ?? []) as unknown as readonly Record<string, unknown>[]
        assert.deepEqual([cause?.['field'], cause?.['reason']], ['metadata.name', 'FieldValueInvalid'], name)
      }
      assert.deepEqual(expectObject(await api.get(widgets))['items'], [])
    },
  },
  {
    number: 25,
    sentence: 'The namespace of a body is the one of the path; where it is missing, it is filled in.',
    play: async ({ api, widgets, widget, namespace, addNamespace }) => {
      const other = `${namespace}-other`
      await addNamespace(other)
      expectFailure(await api.post(widgets, widget('x', { metadata: { namespace: other } })), {
        code: 400,
        reason: 'BadRequest',
        message: 'the namespace of the provided object does not match the namespace sent on the request',
      })
      for (const place of [namespace, other]) {
        assert.equal((await api.get(`/apis/example.com/v1/namespaces/${place}/widgets/x`)).status, 404)
      }
      const bodies = [
        widget('a'),
        widget('b', { metadata: { namespace: '' } }),
        widget('c', { metadata: { namespace } }),
      ]
      for (const body of bodies) {
        assert.equal(expectObject(await api.post(widgets, body), 201)['metadata']?.['namespace'], namespace)
      }
      await api.call('DELETE', `/api/v1/namespaces/${other}`)
    },
  },
  {
    number: 26,
    sentence: 'An object of a kind without namespaces loses the one that its body names.',
    play: async ({ api, clusterWidgets, prefix, namespace }) => {
      const body = { apiVersion: 'example.com/v1', kind: 'ClusterWidget', metadata: { name: prefix, namespace } }
      const created = expectObject(await api.post(clusterWidgets, body), 201)
      assert.equal(created['metadata']?.['namespace'], undefined)
      assert.deepEqual(expectObject(await api.get(`${clusterWidgets}/${prefix}`)), created)
      expectObject(await api.call('DELETE', `${clusterWidgets}/${prefix}`))
    },
  },
]
