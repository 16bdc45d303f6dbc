import assert from 'node:assert/strict'
import { patch } from '../../../conformance/ask.ts'
import { expectFailure, expectObject } from '../../../conformance/expect.ts'
import type { Statement } from '../../../conformance/statement.ts'
import type { World } from '../world.ts'
import { configure, widgetRule } from './configured.ts'

const ruled = (rule: object): object => ({ rules: [{ ...widgetRule, ...rule }] })
const condition = (expression: string): object => ({ matchConditions: [{ name: 'c', expression }] })
const labelled = { objectSelector: { matchLabels: { env: 'prod' } } }

/** Which of create, update and status write each is asked about; the update takes the label `env` away. */
const table: Readonly<Record<string, readonly [object, string]>> = {
  everything: [{}, 'create update'],
  'in-its-namespace': [{}, 'create update'],
  'in-another-namespace': [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } }, ''],
  'by-label': [labelled, 'create update'],
  'by-no-label': [{ objectSelector: { matchLabels: { env: 'dev' } } }, ''],
  'by-operation': [ruled({ operations: ['UPDATE'] }), 'update'],
  'by-scope': [ruled({ scope: 'Namespaced' }), 'create update'],
  'by-other-scope': [ruled({ scope: 'Cluster' }), ''],
  'by-any-resource': [ruled({ resources: ['*'] }), 'create update'],
  'by-status-of-any': [ruled({ resources: ['*/status'] }), 'status'],
  'by-widgets-and-parts': [ruled({ resources: ['widgets/*'] }), 'create update status'],
  'by-all-and-parts': [ruled({ resources: ['*/*'] }), 'create update status'],
  'in-equivalent-version': [ruled({ apiVersions: ['v1beta1'] }), 'create update'],
  'in-exact-version': [{ ...ruled({ apiVersions: ['v1beta1'] }), matchPolicy: 'Exact' }, ''],
  'by-condition': [condition('has(object.metadata.labels) && object.metadata.labels.env == "prod"'), 'create'],
  'by-old-object': [condition('oldObject != null && oldObject.metadata.labels.env == "prod"'), 'update'],
  'by-no-condition': [condition('request.userInfo.username == "nobody"'), ''],
  'by-a-right': [condition('authorizer.requestResource.check("update").allowed()'), 'create update'],
}

/** Which webhooks are asked about what. */
export function matching(world: World): readonly Statement[] {
  const { admin } = world
  return [
    {
      number: 189,
      sentence: 'Selectors of namespaces and objects, conditions, scopes and rules choose what a webhook is asked.',
      play: async (scene) => {
        const { widgets, widget } = scene
        const webhooks = Object.entries(table).map(([name, [parts]]) => ({ name, ...parts }))
        const { asked } = await configure(world, scene, { sort: 'Validating', webhooks })
        const counted = (): Readonly<Record<string, number>> =>
          Object.fromEntries(Object.keys(table).map((name) => [name, asked(name, 'x').length]))
        const body = widget('x', { metadata: { labels: { env: 'prod' } }, spec: { size: 1 } })
        const writes = {
          create: async () => expectObject(await admin.post(widgets, body), 201),
          update: async () =>
            expectObject(await patch.merge(admin, `${widgets}/x`, { metadata: { labels: null }, spec: { size: 2 } })),
          status: async () =>
            expectObject(await patch.merge(admin, `${widgets}/x/status`, { status: { phase: 'Ready' } })),
        }
        const found: Record<string, string[]> = {}
        for (const [write, run] of Object.entries(writes)) {
          const before = counted()
          await run()
          for (const [name, count] of Object.entries(counted())) {
            if (count > (before[name] ?? 0)) found[name] = [...(found[name] ?? []), write]
          }
        }
        const expected = Object.entries(table).map(([name, [, when]]) => [name, when])
        assert.deepEqual(
          Object.keys(table).map((name) => [name, (found[name] ?? []).join(' ')]),
          expected,
        )
        const failing = { name: 'broken', ...condition('object.spec.nothing == 1'), ...labelled }
        await configure(world, scene, { sort: 'Validating', webhooks: [failing] })
        const refused = await admin.post(widgets, { ...body, metadata: { name: 'y', labels: { env: 'prod' } } })
        expectFailure(refused, { code: 403, message: /^widgets.example.com "y" is forbidden: .*no such key: nothing/ })
        assert.equal(asked('broken', 'y').length, 0)
      },
    },
  ]
}
