import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../conformance/expect.ts'
import type { Statement } from '../../conformance/statement.ts'
import type { Json } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import type { World } from './world.ts'

/** May they? What kube-apiserver is asked, as its audit log has it. */
export function rights(world: World): readonly Statement[] {
  const { admin, kubectl } = world
  /** The newest question about the user, when there are so many. */
  const question = async (user: string, count = 1): Promise<Json> => {
    await until(async () => world.reviewsOf(user).length >= count, { everyMs: 20 })
    assert.equal(world.reviewsOf(user).length, count, 'one question for each request')
    return world.reviewsOf(user)[count - 1] ?? {}
  }
  const askAs = (user: string, method: string, path: string) =>
    world.frontProxy().call(method, path, { headers: { 'x-remote-user': user } })
  return [
    {
      number: 173,
      sentence: 'Groups one by one, names in any script and extra values reach the question whole.',
      play: async ({ prefix, widgets }) => {
        const user = `${prefix} Jürgen 漢`
        const headers = {
          'x-remote-user': Buffer.from(user).toString('latin1'),
          'x-remote-group': ['one', 'a,b', 'zwei drei'],
          'x-remote-extra-example.com%2fscopes': ['r', 'w'],
          'x-remote-extra-plain': 'value',
        }
        assert.equal((await world.frontProxy().call('GET', widgets, { headers })).status, 403)
        const { groups, extra } = await question(user)
        assert.deepEqual(groups, ['one', 'a,b', 'zwei drei', 'system:authenticated'])
        assert.deepEqual(extra, { 'example.com/scopes': ['r', 'w'], plain: ['value'] })
      },
    },
    {
      number: 174,
      sentence: 'The UID of the user comes with the question.',
      play: async ({ prefix, widgets }) => {
        const headers = { 'x-remote-user': prefix, 'x-remote-uid': 'u-174' }
        assert.equal((await world.frontProxy().call('GET', widgets, { headers })).status, 403)
        assert.equal((await question(prefix))['uid'], 'u-174')
      },
    },
    {
      number: 177,
      sentence: 'The question says verb, resource, subresource, name and place, or verb and path.',
      play: async ({ prefix, namespace, widgets }) => {
        const all = { namespace, group: 'example.com', version: 'v1', resource: 'widgets' }
        const one = { ...all, name: 'x' }
        const old = widgets.replace('/v1/', '/v1beta1/')
        const cluster = { group: 'example.com', version: 'v1', resource: 'clusterwidgets' }
        const table: readonly [string, string, object][] = [
          ['GET', `${widgets}/x`, { ...one, verb: 'get' }],
          ['GET', widgets, { ...all, verb: 'list' }],
          ['GET', `${widgets}?watch=true`, { ...all, verb: 'watch' }],
          ['POST', widgets, { ...all, verb: 'create' }],
          ['PUT', `${widgets}/x`, { ...one, verb: 'update' }],
          ['PATCH', `${widgets}/x`, { ...one, verb: 'patch' }],
          ['DELETE', `${widgets}/x`, { ...one, verb: 'delete' }],
          ['DELETE', widgets, { ...all, verb: 'deletecollection' }],
          ['PUT', `${widgets}/x/status`, { ...one, verb: 'update', subresource: 'status' }],
          ['GET', `${widgets}/x/effective`, { ...one, verb: 'get', subresource: 'effective' }],
          ['GET', `${old}/x`, { ...one, version: 'v1beta1', verb: 'get' }],
          ['GET', '/apis/example.com/v1/widgets', { ...all, namespace: undefined, verb: 'list' }],
          ['DELETE', '/apis/example.com/v1/clusterwidgets/x', { ...cluster, name: 'x', verb: 'delete' }],
          ['GET', '/metrics', { path: '/metrics', verb: 'get' }],
          ['POST', '/nowhere/else', { path: '/nowhere/else', verb: 'post' }],
        ]
        for (const [index, [method, path, expected]] of table.entries()) {
          assert.equal((await askAs(prefix, method, path)).status, 403, `${method} ${path}`)
          const { resourceAttributes, nonResourceAttributes } = await question(prefix, index + 1)
          const asked = resourceAttributes ?? nonResourceAttributes
          assert.deepEqual(asked, JSON.parse(JSON.stringify(expected)), `${method} ${path}`)
        }
      },
    },
    {
      number: 178,
      sentence: 'A list that is narrowed to one name asks for that name, and says all of its selectors.',
      play: async ({ prefix, widgets }) => {
        const query = 'fieldSelector=metadata.name%3Dx,spec.owner!%3Dann&labelSelector=a,!b,c+in+(d,e)'
        assert.equal((await askAs(prefix, 'GET', `${widgets}?${query}`)).status, 403)
        const { resourceAttributes } = await question(prefix)
        assert.equal(resourceAttributes?.['name'], 'x')
        assert.deepEqual(resourceAttributes['fieldSelector'], {
          requirements: [
            { key: 'metadata.name', operator: 'In', values: ['x'] },
            { key: 'spec.owner', operator: 'NotIn', values: ['ann'] },
          ],
        })
        assert.deepEqual(resourceAttributes['labelSelector'], {
          requirements: [
            { key: 'a', operator: 'Exists' },
            { key: 'b', operator: 'DoesNotExist' },
            { key: 'c', operator: 'In', values: ['d', 'e'] },
          ],
        })
        await world.bind({
          name: prefix,
          user: prefix,
          rules: [{ apiGroups: ['example.com'], resources: ['widgets'], resourceNames: ['y'], verbs: ['list'] }],
        })
        const listing = (name: string) => askAs(prefix, 'GET', `${widgets}?fieldSelector=metadata.name%3D${name}`)
        await until(async () => (await listing('y')).status === 200, { everyMs: 100 })
        assert.equal((await listing('z')).status, 403)
        assert.equal((await askAs(prefix, 'GET', widgets)).status, 403)
      },
    },
    {
      number: 179,
      sentence: 'Nobody asks what members of system:masters may do.',
      play: async ({ prefix, widgets }) => {
        const headers = { 'x-remote-user': `${prefix}-master`, 'x-remote-group': ['system:masters', 'others'] }
        expectObject(await world.frontProxy().call('GET', widgets, { headers }))
        expectObject(await world.frontProxy().call('DELETE', widgets, { headers }))
        assert.equal((await askAs(prefix, 'GET', widgets)).status, 403)
        await question(prefix)
        assert.deepEqual(world.reviewsOf(`${prefix}-master`), [], 'it would stand before the other')
      },
    },
    {
      number: 180,
      sentence: 'When nobody can tell whether somebody may, the request fails: not let through, not forbidden.',
      alone: true,
      play: async ({ prefix, widgets }) => {
        const headers = { 'x-remote-user': 'ann', 'x-remote-group': 'system:masters' }
        const proxy = world.frontProxy()
        world.uplink.cut()
        try {
          expectFailure(await askAs(prefix, 'GET', widgets), { code: 500, reason: 'InternalError' })
          expectObject(await proxy.call('GET', widgets, { headers }))
        } finally {
          world.uplink.mend()
        }
        await until(async () => (await askAs(prefix, 'GET', widgets)).status === 403, { everyMs: 100 })
      },
    },
    {
      number: 181,
      sentence: 'kubectl --as is the other user for us too.',
      play: async ({ prefix, namespace, widgets, create }) => {
        await create('x')
        const words = ['get', 'widgets', '-n', namespace, '--as', prefix, '--as-group', 'crew', '--as-uid', 'u-181']
        assert.match(await kubectl.refused(...words), new RegExp(`User "${prefix}" cannot list resource "widgets"`))
        assert.deepEqual(world.reviewsOf(prefix), [], 'kube-apiserver has refused it by itself')
        const [apiGroups, resources] = [['example.com'], ['widgets']]
        await world.bind({ name: prefix, group: 'crew', rules: [{ apiGroups, resources, verbs: ['list'] }] })
        await until(async () => (await kubectl.run(words)).code === 0, { everyMs: 100 })
        const asked = await question(prefix)
        assert.deepEqual([asked['uid'], asked['groups']], ['u-181', ['crew', 'system:authenticated']])
        expectFailure(await admin.call('GET', `${widgets}/x`, { headers: { 'impersonate-user': prefix } }), {
          code: 403,
        })
      },
    },
  ]
}
