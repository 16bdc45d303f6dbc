import assert from 'node:assert/strict'
import { patch, patchAs } from '../../../conformance/ask.ts'
import { expectObject } from '../../../conformance/expect.ts'
import type { Statement } from '../../../conformance/statement.ts'
import type { Json } from '../../../support/api-client.ts'
import type { World } from '../world.ts'
import { configure } from './configured.ts'

/** What webhooks are told, and what clients are told by them. */
export function told(world: World): readonly Statement[] {
  const { admin, hook } = world
  return [
    {
      number: 188,
      sentence: 'A review says who, what and how: options, identity, dry run, the old object, one review an object.',
      play: async (scene) => {
        const { widgets, widget, namespace, prefix } = scene
        const { asked } = await configure(world, scene, { sort: 'Validating', webhooks: [{ name: 'look' }] })
        const last = (name: string): Json => asked('look', name).at(-1) ?? {}
        const headers = {
          'impersonate-user': prefix,
          'impersonate-uid': 'u-188',
          'impersonate-group': 'system:masters',
          'impersonate-extra-scopes': ['r', 'w'],
        }
        const body = widget('x', { spec: { size: 1 } })
        const path = `${widgets}?fieldManager=me&dryRun=All`
        expectObject(await admin.call('POST', path, { body, headers }), 201)
        const { uid, object, ...dry } = last('x')
        assert.match(String(uid), /^[0-9a-f-]{36}$/)
        assert.equal(object?.['spec']?.['size'], 1)
        const gvk = { group: 'example.com', version: 'v1', kind: 'Widget' }
        const gvr = { group: 'example.com', version: 'v1', resource: 'widgets' }
        assert.deepEqual(dry, {
          kind: gvk,
          resource: gvr,
          requestKind: gvk,
          requestResource: gvr,
          name: 'x',
          namespace,
          operation: 'CREATE',
          userInfo: {
            username: prefix,
            uid: 'u-188',
            groups: ['system:masters', 'system:authenticated'],
            extra: { scopes: ['r', 'w'] },
          },
          oldObject: null,
          dryRun: true,
          options: {
            kind: 'CreateOptions',
            apiVersion: 'meta.k8s.io/v1',
            dryRun: ['All'],
            fieldManager: 'me',
          },
        })
        for (const name of ['x', 'y', 'z']) await scene.create(name, { spec: { size: 2 } })
        assert.equal(last('x')['dryRun'], false)

        const deletion = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }
        expectObject(await admin.call('DELETE', `${widgets}/x`, { body: deletion }))
        const removed = last('x')
        assert.deepEqual([removed['operation'], removed['object']], ['DELETE', null])
        assert.equal(removed['oldObject']?.['spec']?.['size'], 2)
        const { kind, propagationPolicy } = removed['options'] ?? {}
        assert.deepEqual([kind, propagationPolicy], ['DeleteOptions', 'Background'])
        expectObject(await admin.call('DELETE', widgets))
        for (const name of ['y', 'z']) {
          const [, ...deletions] = asked('look', name)
          assert.deepEqual(
            deletions.map(({ operation, oldObject }) => [operation, oldObject?.['metadata']?.['name']]),
            [['DELETE', name]],
          )
        }
      },
    },
    {
      number: 192,
      sentence: 'Warnings of webhooks reach the client, through kube-apiserver too.',
      play: async (scene) => {
        const { widgets, widget, namespace } = scene
        hook.answer(`${namespace}/warner`, () => ({ warnings: ['mind the gap', 'and the "step"'] }))
        await configure(world, scene, { sort: 'Validating', webhooks: [{ name: 'warner' }] })
        const { headers, status } = await admin.post(widgets, widget('x'))
        assert.equal(status, 201)
        assert.deepEqual(headers['warning'], ['299 - "mind the gap"', '299 - "and the \\"step\\""'])
      },
    },
    {
      number: 194,
      sentence: 'A patch is an update to webhooks, and an apply that creates is a creation.',
      play: async (scene) => {
        const { widgets, widget, create } = scene
        await create('x', { spec: { size: 1 } })
        const { asked } = await configure(world, scene, { sort: 'Validating', webhooks: [{ name: 'look' }] })
        const last = (name: string): Json => asked('look', name).at(-1) ?? {}
        const patches: readonly [string, unknown][] = [
          ['application/merge-patch+json', { spec: { size: 2 } }],
          ['application/json-patch+json', [{ op: 'replace', path: '/spec/size', value: 3 }]],
          ['application/apply-patch+yaml', widget('x', { spec: { size: 4 } })],
        ]
        for (const [index, [contentType, body]] of patches.entries()) {
          const path = `${widgets}/x?fieldManager=patcher&force=true`.replace(index < 2 ? '&force=true' : '', '')
          expectObject(await patchAs(admin, path, { contentType, body }))
          const { operation, options, object, oldObject } = last('x')
          assert.equal(operation, 'UPDATE', contentType)
          assert.deepEqual(options, {
            kind: 'UpdateOptions',
            apiVersion: 'meta.k8s.io/v1',
            fieldManager: 'patcher',
          })
          assert.deepEqual([oldObject?.['spec']?.['size'], object?.['spec']?.['size']], [index + 1, index + 2])
        }
        expectObject(await patch.apply(admin, `${widgets}/new?fieldManager=patcher`, widget('new')), 201)
        const { operation, options, oldObject } = last('new')
        assert.deepEqual([operation, options?.['kind'], oldObject], ['CREATE', 'CreateOptions', null])
      },
    },
  ]
}
