import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../../conformance/expect.ts'
import type { Statement } from '../../../conformance/statement.ts'
import { patching } from '../../../support/admission-hook.ts'
import { until } from '../../../support/until.ts'
import type { World } from '../world.ts'
import { configure, webhookOf } from './configured.ts'

/** Nobody listens there. */
const nowhere = { clientConfig: { url: 'https://127.0.0.1:1/' } }

/** What becomes of a write by what webhooks say. */
export function verdicts(world: World): readonly Statement[] {
  const { admin, hook, cluster } = world
  return [
    {
      number: 184,
      sentence: 'The patch of a mutating webhook is applied and stored, with defaults for what it took away.',
      play: async (scene) => {
        const { namespace, widgets, widget } = scene
        hook.answer(`${namespace}/change`, () =>
          patching({ op: 'add', path: '/spec/color', value: 'red' }, { op: 'remove', path: '/spec/mode' }),
        )
        const mode = { name: 'change', objectSelector: { matchLabels: { change: 'me' } } }
        await configure(world, scene, { sort: 'Mutating', webhooks: [mode] })
        const { asked } = await configure(world, scene, { sort: 'Validating', webhooks: [{ name: 'look' }] })
        const sent = widget('x', { metadata: { labels: { change: 'me' } }, spec: { size: 1, mode: 'Manual' } })
        const { spec } = expectObject(await admin.post(widgets, sent), 201)
        assert.deepEqual(spec, { size: 1, color: 'red' })
        assert.deepEqual(expectObject(await admin.get(`${widgets}/x`))['spec'], spec, 'stored')
        const [judged] = asked('look', 'x')
        assert.deepEqual(judged?.['object']?.['spec'], { size: 1, color: 'red', mode: 'Auto' }, 'as it counts')
        hook.answer(`${namespace}/change`, () => patching({ op: 'add', path: '/spec/size', value: 5000 }))
        const invalid = await admin.post(widgets, { ...sent, metadata: { name: 'y', labels: { change: 'me' } } })
        expectFailure(invalid, { code: 422, message: /spec.size: Invalid value/ })
      },
    },
    {
      number: 185,
      sentence: 'A refusal has the code and the words of the webhook, behind words that say who it was.',
      play: async (scene) => {
        const { namespace, widgets, widget } = scene
        await configure(world, scene, {
          sort: 'Validating',
          webhooks: [{ name: 'judge', objectSelector: { matchLabels: { judge: 'me' } } }],
        })
        const by = 'admission webhook "judge.example.com" denied the request'
        const cases: readonly [object, { code: number; reason?: string; message: string }][] = [
          [
            { status: { code: 403, reason: 'Forbidden', message: 'not this one' } },
            { code: 403, reason: 'Forbidden', message: `${by}: not this one` },
          ],
          [{ status: { code: 451, message: 'by law' } }, { code: 451, message: `${by}: by law` }],
          [{ status: { code: 200, reason: 'Sulking' } }, { code: 400, message: `${by}: Sulking` }],
          [{}, { code: 400, message: `${by} without explanation` }],
        ]
        for (const [answer, failure] of cases) {
          hook.answer(`${namespace}/judge`, () => ({ allowed: false, ...answer }))
          expectFailure(await admin.post(widgets, widget('x', { metadata: { labels: { judge: 'me' } } })), failure)
        }
        assert.equal((await admin.get(`${widgets}/x`)).status, 404)
      },
    },
    {
      number: 186,
      sentence: 'A webhook that is down fails the write, or is passed over, as its failurePolicy says.',
      play: async (scene) => {
        const { widgets, widget } = scene
        const down = (failurePolicy: string): object => ({
          ...nowhere,
          failurePolicy,
          objectSelector: { matchLabels: { policy: failurePolicy } },
        })
        for (const sort of ['Mutating', 'Validating'] as const) {
          const webhooks = ['Fail', 'Ignore'].map((each) => ({ name: each.toLowerCase(), ...down(each) }))
          await configure(world, scene, { sort, webhooks })
          const write = (name: string, policy: string) =>
            admin.post(widgets, widget(name, { metadata: { labels: { policy } } }))
          expectFailure(await write('x', 'Fail'), {
            code: 500,
            reason: 'InternalError',
            message: /^Internal error occurred: failed calling webhook "fail.example.com": failed to call webhook: /,
          })
          expectObject(await write(`ignored-by-${sort.toLowerCase()}`, 'Ignore'), 201)
        }
      },
    },
    {
      number: 187,
      sentence: 'A dry run is refused where a webhook has side effects.',
      play: async (scene) => {
        const { namespace, widgets, widget } = scene
        // Since 1.22 no API takes such a configuration; clusters may keep one from before.
        const webhooks = ['Some', 'Unknown'].map((sideEffects) => {
          const name = sideEffects.toLowerCase()
          return webhookOf(hook, namespace, { name, sideEffects, objectSelector: { matchLabels: { effects: name } } })
        })
        const name = `${namespace}-old`
        await putInEtcd(cluster.etcdUrl, `/registry/validatingwebhookconfigurations/${name}`, {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingWebhookConfiguration',
          metadata: { name, uid: crypto.randomUUID(), creationTimestamp: '2020-01-01T00:00:00Z' },
          webhooks,
        })
        for (const effects of ['some', 'unknown']) {
          const body = widget(effects, { metadata: { labels: { effects } } })
          const dryRun = () => admin.post(`${widgets}?dryRun=All`, body)
          await until(async () => (await dryRun()).status === 400)
          expectFailure(await dryRun(), {
            code: 400,
            reason: 'BadRequest',
            message: `admission webhook "${effects}.example.com" does not support dry run`,
          })
          assert.equal(hook.asked(`${namespace}/${effects}`).length, 0, 'it is not asked')
          expectObject(await admin.post(widgets, body), 201)
          assert.equal(hook.asked(`${namespace}/${effects}`).length, 1)
        }
      },
    },
    {
      number: 193,
      sentence: 'A webhook that wants to see later changes is asked once more, and not again.',
      play: async (scene) => {
        const { namespace, widgets, widget } = scene
        let count = 0
        hook.answer(`${namespace}/counts`, () => patching({ op: 'add', path: '/spec', value: { size: (count += 1) } }))
        const objectSelector = { matchLabels: { again: 'please' } }
        const { asked } = await configure(world, scene, {
          sort: 'Mutating',
          webhooks: [
            { name: 'willing', objectSelector, reinvocationPolicy: 'IfNeeded' },
            { name: 'unwilling', objectSelector },
            { name: 'counts', objectSelector, reinvocationPolicy: 'IfNeeded' },
          ],
        })
        const body = widget('x', { metadata: { labels: objectSelector.matchLabels }, spec: {} })
        const { spec } = expectObject(await admin.post(widgets, body), 201)
        const times = ['willing', 'unwilling', 'counts'].map((name) => asked(name, 'x').length)
        assert.deepEqual(times, [2, 1, 1])
        assert.deepEqual(spec, { size: 1 })
        assert.deepEqual(asked('willing', 'x')[1]?.['object']?.['spec'], { size: 1 }, 'it sees what came after it')
      },
    },
  ]
}

/** What no API takes any more, as an older release has left it. */
async function putInEtcd(url: string, key: string, value: object): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const body = JSON.stringify({ key: base64(key), value: base64(JSON.stringify(value)) })
  const answer = await fetch(`${url}/v3/kv/put`, { method: 'POST', body })
  assert.equal(answer.status, 200, await answer.text())
}
