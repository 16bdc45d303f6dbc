import assert from 'node:assert/strict'
import { patch } from '../../conformance/ask.ts'
import { expectFailure, expectObject } from '../../conformance/expect.ts'
import type { Scene } from '../../conformance/scene.ts'
import type { Statement } from '../../conformance/statement.ts'
import type { ApiAnswer } from '../../support/api-client.ts'
import type { Manifest } from '../../support/kube-cluster/manifests.ts'
import { until } from '../../support/until.ts'
import type { World } from './world.ts'

const apiVersion = 'admissionregistration.k8s.io/v1'
const soon = { everyMs: 20 }

function policy({ namespace: name }: Scene, spec: object): Manifest {
  const resourceRules = [
    { operations: ['CREATE', 'UPDATE'], apiGroups: ['example.com'], apiVersions: ['*'], resources: ['widgets'] },
  ]
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': name } }
  const whole = { matchConstraints: { resourceRules, namespaceSelector }, ...spec }
  return { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name }, ...{ spec: whole } }
}

function binding({ namespace: policyName }: Scene, name: string, spec: object): Manifest {
  const kind = 'ValidatingAdmissionPolicyBinding'
  return { apiVersion, kind, metadata: { name }, ...{ spec: { policyName, ...spec } } }
}

/** ValidatingAdmissionPolicies of the cluster. */
export function policies(world: World): readonly Statement[] {
  const { admin, cluster } = world
  return [
    {
      number: 190,
      sentence: 'A policy denies with its name and that of its binding, warns, or writes it down.',
      play: async (scene) => {
        const { namespace: name, widgets, widget } = scene
        const validations = [
          { expression: 'object.spec.size < 5', messageExpression: '"too large: " + string(object.spec.size)' },
          { expression: 'object.spec.size != 3', reason: 'Forbidden' },
        ]
        const actions = ['Deny', 'Warn', 'Audit'] as const
        await cluster.apply([
          policy(scene, { validations }),
          ...actions.map((action) =>
            binding(scene, `${name}-${action.toLowerCase()}`, {
              validationActions: [action],
              matchResources: { objectSelector: { matchLabels: { action } } },
            }),
          ),
        ])
        const write = (action: string, size: number, query = ''): Promise<ApiAnswer> =>
          admin.post(`${widgets}${query}`, widget(`of-${size}`, { metadata: { labels: { action } }, spec: { size } }))
        const by = (action: string): string => `ValidatingAdmissionPolicy '${name}' with binding '${name}-${action}'`

        await until(async () => (await write('Deny', 9, '?dryRun=All')).status === 422, soon)
        const message = `${by('deny')} denied request: too large: 9`
        const { details } = expectFailure(await write('Deny', 9), {
          code: 422,
          reason: 'Invalid',
          message: `widgets.example.com "of-9" is forbidden: ${message}`,
        })
        assert.deepEqual(details, {
          name: 'of-9',
          group: 'example.com',
          kind: 'widgets',
          causes: [{ message }],
        })
        expectFailure(await write('Deny', 3), {
          code: 403,
          reason: 'Forbidden',
          message:
            `widgets.example.com "of-3" is forbidden: ${by('deny')} denied request: ` +
            'failed expression: object.spec.size != 3',
        })
        expectObject(await write('Deny', 1), 201)

        const warned = async (): Promise<unknown> => (await write('Warn', 9, '?dryRun=All')).headers['warning']
        await until(async () => (await warned()) !== undefined, soon)
        assert.equal(await warned(), `299 - "Validation failed for ${by('warn')}: too large: 9"`)

        const key = 'validation.policy.admission.k8s.io/validation_failure'
        const annotation = (): string | undefined =>
          world
            .auditEvents()
            .map(({ annotations }) => annotations?.[key])
            .filter((value) => String(value).includes(name))
            .map(String)
            .at(-1)
        await until(async () => {
          expectObject(await write('Audit', 9, '?dryRun=All'), 201)
          return annotation() !== undefined
        }, soon)
        assert.deepEqual(JSON.parse(annotation() ?? ''), [
          {
            message: 'too large: 9',
            policy: name,
            binding: `${name}-audit`,
            expressionIndex: 0,
            validationActions: ['Audit'],
          },
        ])
      },
    },
    {
      number: 191,
      sentence: 'A policy judges with parameters, with the namespace and with what the requester may do.',
      play: async (scene) => {
        const { namespace: name, widgets, widget, prefix } = scene
        const limits = `/api/v1/namespaces/${name}/configmaps/limits`
        const setMax = (max: string) =>
          patch.apply(admin, `${limits}?fieldManager=me`, {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'limits' },
            data: { max },
          })
        assert.ok((await setMax('5')).status < 300)
        const right = "authorizer.group('example.com').resource('widgets').namespace(object.metadata.namespace)"
        const validations = [
          { expression: 'object.spec.size <= int(params.data.max)', message: 'too large' },
          { expression: "'tier' in namespaceObject.metadata.labels", message: 'no gold' },
          { expression: `${right}.name(object.metadata.name).check('bless').allowed()`, message: 'no blessing' },
        ]
        const paramRef = { name: 'limits', namespace: name, parameterNotFoundAction: 'Deny' }
        const spec = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations }
        await cluster.apply([policy(scene, spec), binding(scene, name, { validationActions: ['Deny'], paramRef })])
        const rule = { apiGroups: ['example.com'], resources: ['widgets'] }
        await world.bind({ name, user: prefix, rules: [{ ...rule, verbs: ['create'] }] })
        const write = (size: number) =>
          admin.call('POST', `${widgets}?dryRun=All`, {
            body: widget('x', { spec: { size } }),
            headers: { 'impersonate-user': prefix },
          })
        const says = async (size: number, words: string): Promise<void> => {
          let text = ''
          const isSaid = async () => (text = (await write(size)).text).includes(words)
          await until(isSaid, { everyMs: 50 }).catch(() => assert.fail(`instead of ${words}: ${text}`))
        }
        await says(6, 'denied request: too large')
        await says(5, 'denied request: no gold')
        expectObject(await patch.merge(admin, `/api/v1/namespaces/${name}`, { metadata: { labels: { tier: 'gold' } } }))
        await says(5, 'denied request: no blessing')
        await world.bind({
          name,
          user: prefix,
          rules: [
            { ...rule, verbs: ['create'] },
            { ...rule, resourceNames: ['x'], verbs: ['bless'] },
          ],
        })
        await until(async () => (await write(5)).status === 201, { everyMs: 100 })
        await says(6, 'denied request: too large')
        assert.ok((await setMax('6')).status < 300)
        await until(async () => (await write(6)).status === 201, { everyMs: 50 })
        expectObject(await admin.call('DELETE', limits))
        await says(
          1,
          'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
        )
      },
    },
  ]
}
