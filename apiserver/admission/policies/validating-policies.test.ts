import t from 'tap'
import { boundsOf, seriesOf } from '../../../test/support/metric-series.ts'
import { binding, openPolicyWorld, policy } from '../../../test/support/policy-world.ts'
import { textAt } from '../../../test/support/local-api.ts'
import { aWidget, widgets } from '../../../test/support/widgets.ts'

t.test('a policy denies, warns or tells the audit trail, as its binding says', async (t) => {
  const { api, validating } = await openPolicyWorld(t)
  validating.policies = [policy({ validations: [{ expression: 'object.spec.size < 3' }] })]
  const large = { body: aWidget('large', { spec: { size: 3 } }) }
  t.equal((await api.call(`POST ${widgets}?dryRun=All`, large)).code, 201, 'without a binding it says nothing')

  validating.bindings = [binding()]
  const denied = await api.call(`POST ${widgets}`, large)
  const text =
    "ValidatingAdmissionPolicy 'rule' with binding 'bound' denied request: failed expression: object.spec.size < 3"
  t.match(denied.body, {
    code: 422,
    reason: 'Invalid',
    message: `widgets.example.com "large" is forbidden: ${text.replace('<', '&lt;')}`,
    details: { name: 'large', group: 'example.com', kind: 'widgets', causes: [{ message: text }] },
  })
  validating.bindings = [binding({ validationActions: ['Warn', 'Audit'] })]
  const told = await api.call(`POST ${widgets}`, large)
  t.equal(told.code, 201)
  const who = "ValidatingAdmissionPolicy 'rule' with binding 'bound'"
  t.same(told.warnings, [`Validation failed for ${who}: failed expression: object.spec.size < 3`])
  t.match(JSON.parse(told.annotations['validation.policy.admission.k8s.io/validation_failure'] ?? ''), [
    { policy: 'rule', binding: 'bound', expressionIndex: 0, validationActions: ['Warn', 'Audit'] },
  ])
  t.equal((await api.call(`POST ${widgets}`, { body: aWidget('small', { spec: { size: 1 } }) })).warnings.length, 0)
})

t.test('messages, reasons and codes', async (t) => {
  const { api, validating } = await openPolicyWorld(t)
  validating.bindings = [binding()]
  const cases: readonly (readonly [object, number, string])[] = [
    [{ message: 'said' }, 422, 'said'],
    [{ messageExpression: "'size ' + string(object.spec.size)" }, 422, 'size 3'],
    [{ message: 'said', messageExpression: "' '" }, 422, 'said'],
    [{ message: 'said', messageExpression: "'a\\nb'" }, 422, 'said'],
    [{ message: 'said', messageExpression: 'object.spec.nothing' }, 422, 'said'],
    [{ message: 'said', messageExpression: "string(authorizer.path('/').check('get').allowed())" }, 422, 'said'],
    [{ message: 'said', reason: 'Forbidden' }, 403, 'said'],
    [{ message: 'said', reason: 'Unauthorized' }, 401, 'said'],
    [{ message: 'said', reason: 'RequestEntityTooLarge' }, 413, 'said'],
  ]
  for (const [validation, code, said] of cases) {
    validating.policies = [policy({ validations: [{ expression: 'object.spec.size < 3', ...validation }] })]
    const denied = await api.call(`POST ${widgets}`, { body: aWidget('a', { spec: { size: 3 } }) })
    t.equal(denied.code, code)
    t.ok(textAt(denied.body, 'message').endsWith(`denied request: ${said}`), JSON.stringify(validation))
  }
})

t.test('expressions see the write, its namespace, rights and variables', async (t) => {
  const { api, validating } = await openPolicyWorld(t)
  validating.bindings = [binding()]
  await api.call(`POST ${widgets}`, { body: aWidget('a', { spec: { size: 1 } }) })
  const holding = [
    "object.metadata.name == 'b' && oldObject == null",
    "object.spec.mode == 'Auto'",
    "request.operation == 'CREATE' && request.userInfo.username == 'admin'",
    "request.kind.kind == 'Widget' && request.resource.resource == 'widgets' && request.namespace == 'default'",
    "!has(request.subResource) && request.options.kind == 'CreateOptions' && !request.dryRun",
    "namespaceObject.metadata.name == 'default' && namespaceObject.status.phase == 'Active'",
    "namespaceObject.metadata.creationTimestamp > timestamp('2020-01-01T00:00:00Z')",
    "authorizer.group('example.com').resource('widgets').namespace('default').name('mine').check('use').allowed()",
    "!authorizer.group('').resource('pods').check('get').allowed()",
    "authorizer.path('/x').check('get').reason() == 'no rule'",
    "!authorizer.serviceAccount('default', 'poor').group('').resource('pods').name('mine').check('use').allowed()",
    "!authorizer.requestResource.check('use').allowed()",
    "!authorizer.requestResource.check('use').errored() && authorizer.requestResource.check('use').error() == ''",
    "variables.double == 4 && variables.text == 'size 4'",
  ]
  const created = { operations: ['CREATE'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['widgets'] }
  const onCreate = { resourceRules: [created] }
  const variables = [
    { name: 'double', expression: 'object.spec.size * 2' },
    { name: 'text', expression: "'size ' + string(variables.double)" },
    { name: 'unused', expression: 'object.spec.nothing' },
  ]
  for (const expression of holding) {
    validating.policies = [policy({ variables, validations: [{ expression }], matchConstraints: onCreate })]
    const { code, text } = await api.call(`POST ${widgets}?dryRun=`, { body: aWidget('b', { spec: { size: 2 } }) })
    t.equal(code, 201, `${expression}: ${text}`)
    await api.call(`DELETE ${widgets}/b`)
  }
  validating.policies = [policy({ validations: [{ expression: 'object == null && oldObject.spec.size == 7' }] })]
  t.equal((await api.call(`DELETE ${widgets}/a`)).code, 422)
  validating.policies = [policy({ validations: [{ expression: 'object == null && oldObject.spec.size == 1' }] })]
  t.equal((await api.call(`DELETE ${widgets}/a`)).code, 200)
})

t.test('what cannot be evaluated is judged by failurePolicy, and only where the policy matches', async (t) => {
  const { api, validating } = await openPolicyWorld(t)
  validating.bindings = [binding()]
  const body = aWidget('a', { spec: { size: 1 } })
  const failing: readonly (readonly [object, RegExp])[] = [
    [
      { validations: [{ expression: 'object.spec.nothing == 1' }] },
      /'object.spec.nothing == 1' resulted in error: no such key: nothing$/,
    ],
    [
      { validations: [{ expression: 'foretold(object)' }] },
      /compilation error: 1:1: undeclared reference to 'foretold'/,
    ],
    [{ validations: [{ expression: '1 + 1' }] }, /must evaluate to bool, not int$/],
    [{ matchConditions: [{ name: 'c', expression: 'object.a.b' }] }, /'object.a.b' resulted in error: no such key: a$/],
    [
      { auditAnnotations: [{ key: 'k', valueExpression: 'object.x' }] },
      /'object.x' resulted in error: no such key: x$/,
    ],
    [{ validations: [{ expression: 'variables.v' }], variables: [{ name: 'v', expression: 'nobody()' }] }, /'nobody'/],
    [{ validations: [{ expression: 'params.a == 1' }] }, /undeclared reference to 'params'/],
    [
      { matchConstraints: { objectSelector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } } },
      /"Odd" is not a valid label selector operator/,
    ],
  ]
  for (const [spec, message] of failing) {
    validating.policies = [policy(spec)]
    const denied = await api.call(`POST ${widgets}?dryRun=All`, { body })
    t.equal(denied.code, 422)
    t.match(textAt(denied.body, 'message').replaceAll('&#39;', "'"), message)
    validating.policies = [policy({ ...spec, failurePolicy: 'Ignore' })]
    t.equal((await api.call(`POST ${widgets}?dryRun=All`, { body })).code, 201)
    const others = [{ operations: ['*'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['widgets'] }]
    validating.policies = [policy({ ...spec, matchConstraints: { resourceRules: others } })]
    t.equal((await api.call(`POST ${widgets}?dryRun=All`, { body })).code, 201)
  }
  const heavy = `${'[1,2,3,4,5,6,7,8,9,10]'}.all(a, `
  const expression = `${heavy.replaceAll('a,', 'a,')}${'bcdefg'
    .split('')
    .map((name) => `[1,2,3,4,5,6,7,8,9,10].all(${name}, `)
    .join('')}true${')'.repeat(7)}`
  validating.policies = [policy({ validations: [{ expression }] })]
  const stopped = await api.call(`POST ${widgets}?dryRun=All`, { body })
  t.match(textAt(stopped.body, 'message'), /actual cost limit exceeded/)
})

t.test("parameters come by name or selector, and what is missing is the binding's to judge", async (t) => {
  const { api, validating } = await openPolicyWorld(t)
  const limit = (name: string, max: string): unknown => ({
    metadata: { name, labels: { sort: 'limit' } },
    data: { max },
  })
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
  const validations = [{ expression: 'params == null || object.spec.size <= int(params.data.max)' }]
  validating.policies = [policy({ paramKind, validations })]
  const codeOf = async (size: number, ref: object | undefined): Promise<string> => {
    validating.bindings = [binding(ref === undefined ? {} : { paramRef: ref })]
    const { code, body } = await api.call(`POST ${widgets}?dryRun=All`, { body: aWidget('a', { spec: { size } }) })
    return `${code} ${textAt(body, 'message').replace(/^.*denied request: /, '')}`.trim()
  }
  const named = { name: 'low', parameterNotFoundAction: 'Deny' }
  t.match(await codeOf(1, named), /^422 failed to configure binding: no params found for policy binding with `Deny`/)
  t.equal(await codeOf(9, { ...named, parameterNotFoundAction: 'Allow' }), '201')
  await api.call('POST /api/v1/namespaces/default/configmaps', { body: limit('low', '3') })
  await api.call('POST /api/v1/namespaces/default/configmaps', { body: limit('high', '6') })
  t.equal(await codeOf(2, named), '201')
  t.match(await codeOf(4, named), /^422 failed expression/)
  t.match(await codeOf(4, { selector: { matchLabels: { sort: 'limit' } } }), /^422 failed/, 'each has to agree')
  t.equal(await codeOf(2, { selector: { matchLabels: { sort: 'limit' } } }), '201')
  t.equal(await codeOf(9, undefined), '201')
  validating.policies = [policy({ paramKind: { apiVersion: 'v9', kind: 'Nothing' }, validations })]
  t.match(await codeOf(1, named), /^422 failed to configure binding: failed to find resource referenced by paramKind/)
})

t.test('a binding narrows its policy, and audit annotations say what they were asked to say', async (t) => {
  const { api, validating } = await openPolicyWorld(t)
  const auditAnnotations = [
    { key: 'size', valueExpression: "'size ' + string(object.spec.size)" },
    { key: 'none', valueExpression: 'null' },
  ]
  validating.policies = [policy({ validations: [{ expression: 'false' }], auditAnnotations })]
  const objectSelector = { matchLabels: { strict: 'yes' } }
  validating.bindings = [binding({ matchResources: { objectSelector } })]
  t.equal((await api.call(`POST ${widgets}`, { body: aWidget('a', { spec: { size: 1 } }) })).code, 201)
  const metadata = { labels: { strict: 'yes' } }
  const denied = await api.call(`POST ${widgets}`, { body: aWidget('b', { metadata, spec: { size: 1 } }) })
  t.equal(denied.code, 422)
  t.same(denied.annotations, { 'rule/size': 'size 1' })
  const excludeResourceRules = [{ operations: ['CREATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }]
  validating.policies = [policy({ validations: [{ expression: 'false' }], matchConstraints: { excludeResourceRules } })]
  t.equal((await api.call(`POST ${widgets}`, { body: aWidget('b', { metadata, spec: { size: 1 } }) })).code, 201)
})

t.test("what is done about expressions is counted under kube-apiserver's names", async (t) => {
  const { api, validating, metrics } = await openPolicyWorld(t)
  const heavy = `${'abcdefg'.replace(/./g, '[1,2,3,4,5,6,7,8,9,10].all($&, ')}true${')'.repeat(7)}`
  const create = async (spec: object, bound: object = {}): Promise<number> => {
    validating.policies = [policy(spec)]
    validating.bindings = [binding(bound)]
    return (await api.call(`POST ${widgets}?dryRun=All`, { body: aWidget('a', { spec: { size: 3 } }) })).code
  }
  t.equal(await create({ validations: [{ expression: 'object.spec.size == 3' }] }), 201)
  const small = { validations: [{ expression: 'object.spec.size < 3' }] }
  t.equal(await create(small), 422)
  t.equal(await create(small, { validationActions: ['Warn', 'Audit'] }), 201)
  t.equal(await create({ validations: [{ expression: 'nobody()' }] }), 422)
  t.equal(await create({ validations: [{ expression: heavy }] }), 422)
  t.equal(await create({ validations: [{ expression: 'object.nothing' }], failurePolicy: 'Ignore' }), 201)
  const annotating = { auditAnnotations: [{ key: 'k', valueExpression: 'object.x' }] }
  t.equal(await create(annotating, { validationActions: ['Audit'] }), 422, 'an annotation that fails denies anyway')

  const text = metrics.render()
  const name = 'apiserver_validating_admission_policy_check'
  const counted = (suffix: string): readonly string[] =>
    seriesOf(text, name + suffix)
      .map(({ labels, value }) => {
        t.match(labels, { policy: 'rule', policy_binding: 'bound' })
        return `${labels['enforcement_action']} ${labels['error_type']} ${value}`
      })
      .toSorted()
  const expected = [
    'allow invalid_error 1',
    'audit invalid_error 1',
    'deny compile_error 1',
    'deny invalid_error 2',
    'deny out_of_budget 1',
    'warn invalid_error 1',
  ]
  t.same(counted('_total'), expected)
  t.same(counted('_duration_seconds'), expected)
  t.same(boundsOf(text, `${name}_duration_seconds`).map(Number), [0.0000005, 0.001, 0.01, 0.1, 1, Number.NaN])
})
