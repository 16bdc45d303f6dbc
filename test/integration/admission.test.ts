import t from 'tap'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const registration = '/apis/admissionregistration.k8s.io/v1'
const configMaps = '/api/v1/namespaces/default/configmaps'

t.test('a standalone server serves the configurations that it is judged by itself', async (t) => {
  await using server = await ServerProcess.start()
  await using client = server.client()
  const create = (path: string, body: object) => client.call('POST', path, { body })
  const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }
  const policy = await create(`${registration}/validatingadmissionpolicies`, {
    metadata: { name: 'sizes' },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: 'size(object.data) < 2' }],
    },
  })
  t.equal(policy.status, 201, policy.text)
  t.match(policy.json, { spec: { failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent' } } })
  const binding = await create(`${registration}/validatingadmissionpolicybindings`, {
    metadata: { name: 'everywhere' },
    spec: { policyName: 'sizes', validationActions: ['Deny'] },
  })
  t.equal(binding.status, 201, binding.text)
  const large = { metadata: { generateName: 'large-' }, data: { a: '1', b: '2' } }
  await until(async () => (await create(`${configMaps}?dryRun=All`, large)).status === 422)
  t.match((await create(`${configMaps}?dryRun=All`, large)).json, {
    reason: 'Invalid',
    message: /^configmaps "large-.*" is forbidden: ValidatingAdmissionPolicy 'sizes' with binding 'everywhere' denied/,
  })
  const small = await create(configMaps, { metadata: { name: 'small' }, data: { a: '1' } })
  t.equal(small.status, 201, small.text)

  const webhook = {
    name: 'gone.example.com',
    clientConfig: { service: { namespace: 'tools', name: 'hook' } },
    rules: [rule],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  }
  const configuration = (more: object): object => ({ metadata: { name: 'hooks' }, webhooks: [{ ...webhook, ...more }] })
  const mutating = `${registration}/mutatingwebhookconfigurations`
  const refused = await create(mutating, configuration({ timeoutSeconds: 31 }))
  t.match(refused.json, { code: 422, message: /timeoutSeconds: Invalid value: 31: the timeout value must be between/ })
  await create(mutating, configuration({}))
  const next = { metadata: { name: 'next' }, data: { a: '1' } }
  await until(async () => (await create(`${configMaps}?dryRun=All`, next)).status === 500)
  const failed = await create(`${configMaps}?dryRun=All`, next)
  const why = 'failed to call webhook: service "hook" not found'
  t.match(failed.json, { message: `Internal error occurred: failed calling webhook "gone.example.com": ${why}` })
  const removed = await client.call('DELETE', `${registration}/mutatingwebhookconfigurations/hooks`)
  t.equal(removed.status, 200, 'nobody locks everybody out')
  await until(async () => (await create(`${configMaps}?dryRun=All`, next)).status === 201)
})
