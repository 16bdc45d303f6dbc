import t from 'tap'
import { textAt } from '../../../test/support/local-api.ts'
import { seriesOf } from '../../../test/support/metric-series.ts'
import { binding, openPolicyWorld, policy } from '../../../test/support/policy-world.ts'
import { aWidget, widgets } from '../../../test/support/widgets.ts'

function applying(expression: string): object {
  return { patchType: 'ApplyConfiguration', applyConfiguration: { expression } }
}

function patching(expression: string): object {
  return { patchType: 'JSONPatch', jsonPatch: { expression } }
}

t.test('configurations are merged and patches applied, each mutation on the result of the one before', async (t) => {
  const { api, mutating } = await openPolicyWorld(t)
  mutating.bindings = [binding()]
  const spec = { size: 2, parts: [{ name: 'a', value: '1' }], tags: ['x'] }
  const sent = aWidget('w', { metadata: { labels: { 'a/b': 'c' } }, spec })
  const cases: readonly (readonly [readonly object[], object])[] = [
    [[applying("Object{spec: Object.spec{color: 'red'}}")], { spec: { ...spec, color: 'red' } }],
    [
      [applying("Object{spec: Object.spec{parts: [Object.spec.parts{name: 'b', value: 'z'}]}}")],
      {
        spec: {
          parts: [
            { name: 'a', value: '1' },
            { name: 'b', value: 'z' },
          ],
        },
      },
    ],
    [[applying("Object{spec: Object.spec{tags: ['y']}}")], { spec: { tags: ['x', 'y'] } }],
    [
      [applying("Object{metadata: Object.metadata{labels: {'own': 'yes'}}}")],
      { metadata: { labels: { 'a/b': 'c', own: 'yes' } } },
    ],
    [
      [applying("Object{spec: Object.spec{?color: optional.none(), ?owner: optional.of('me')}}")],
      { spec: { ...spec, owner: 'me' } },
    ],
    [[patching("[JSONPatch{op: 'replace', path: '/spec/size', value: object.spec.size + 1}]")], { spec: { size: 3 } }],
    [
      [patching("[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: 'd'}]")],
      { metadata: { labels: { 'a/b': 'd' } } },
    ],
    [
      [patching("[JSONPatch{op: 'add', path: '/spec/parts/-', value: Object.spec.parts{name: 'c'}}]")],
      { spec: { parts: [{ name: 'a' }, { name: 'c' }] } },
    ],
    [
      [
        patching("has(object.spec.mode) ? [JSONPatch{op: 'remove', path: '/spec/size'}] : []"),
        applying('Object{spec: Object.spec{size: object.spec.size * 10}}'),
      ],
      { spec: { size: 20 } },
    ],
  ]
  for (const [mutations, expected] of cases) {
    mutating.policies = [policy({ mutations })]
    const { code, body, text } = await api.call(`POST ${widgets}?dryRun=All`, { body: sent })
    t.equal(code, 201, text)
    t.match(body, expected, JSON.stringify(mutations))
  }
})

t.test('what a policy cannot do is refused, or passed over, as it says itself', async (t) => {
  const { api, mutating } = await openPolicyWorld(t)
  mutating.bindings = [binding()]
  const body = aWidget('w', { spec: { size: 1 } })
  const failing: readonly (readonly [object, RegExp])[] = [
    [
      applying("Object{spec: Object.spec{steps: ['one']}}"),
      /may not mutate atomic arrays, maps or structs: .spec.steps$/,
    ],
    [applying("Object{spec: Object.spec{nothing: 'x'}}"), /failed to convert patch object to typed object: .*nothing/],
    [
      applying("Object{spec: Object.status{color: 'x'}}"),
      /expected type of field is 'Object.spec' but .* 'Object.status'/,
    ],
    [applying("'x'"), /must evaluate to Object, not string/],
    [applying('Other{a: 1}'), /undeclared reference to 'Other'/],
    [patching("[JSONPatch{op: 'remove', path: '/spec/nothing'}]"), /JSON Patch: failed/],
    [patching("[JSONPatch{opp: 'remove'}]"), /undefined field 'opp'/],
    [patching('[JSONPatch{op: 1}]'), /expected type of field is 'string' but provided type is 'int'/],
    [patching('[object.spec]'), /JSON Patch/],
    [patching('nobody()'), /undeclared reference to 'nobody'/],
  ]
  for (const [mutation, message] of failing) {
    mutating.policies = [policy({ mutations: [mutation] })]
    const { code, body: refusal } = await api.call(`POST ${widgets}?dryRun=All`, { body })
    t.equal(code, 422, JSON.stringify(mutation))
    t.match(textAt(refusal, 'message'), message)
    t.match(
      textAt(refusal, 'message'),
      /^widgets.example.com "w" is forbidden: policy 'rule' with binding 'bound' denied/,
    )
    mutating.policies = [policy({ mutations: [mutation], failurePolicy: 'Ignore' })]
    t.equal((await api.call(`POST ${widgets}?dryRun=All`, { body })).code, 201)
  }
})

t.test('mutations are judged, updates are mutated too, and willing policies see what came later', async (t) => {
  const { api, mutating, validating } = await openPolicyWorld(t)
  const counting = applying('Object{spec: Object.spec{size: object.spec.size + 1}}')
  const copying = patching("[JSONPatch{op: 'add', path: '/spec/owner', value: 's' + string(object.spec.size)}]")
  mutating.policies = [
    policy({ mutations: [copying], reinvocationPolicy: 'IfNeeded' }, 'copy'),
    policy({ mutations: [counting], matchConditions: [{ name: 'c', expression: 'object.spec.size < 9' }] }, 'count'),
  ]
  mutating.bindings = [binding({ policyName: 'copy' }, 'one'), binding({ policyName: 'count' }, 'two')]
  const created = await api.call(`POST ${widgets}`, { body: aWidget('w', { spec: { size: 1 } }) })
  t.match(created.body, { spec: { size: 2, owner: 's2' } })
  const headers = { 'content-type': 'application/merge-patch+json' }
  const patched = await api.call(`PATCH ${widgets}/w`, { headers, body: { spec: { size: 5 } } })
  t.match(patched.body, { spec: { size: 6, owner: 's6' } })
  validating.policies = [policy({ validations: [{ expression: 'object == null || object.spec.size != 8' }] })]
  validating.bindings = [binding()]
  t.equal((await api.call(`PATCH ${widgets}/w`, { headers, body: { spec: { size: 7 } } })).code, 422)
  t.equal((await api.call(`DELETE ${widgets}/w`)).code, 200)
})

t.test("mutations are counted under kube-apiserver's names", async (t) => {
  const { api, mutating, metrics } = await openPolicyWorld(t)
  mutating.bindings = [binding()]
  const mutations = [
    applying("Object{spec: Object.spec{color: 'red'}}"),
    applying("Object{spec: Object.spec{color: 'blue'}}"),
    patching('nobody()'),
  ]
  for (const failurePolicy of ['Fail', 'Ignore']) {
    mutating.policies = [policy({ mutations, failurePolicy })]
    await api.call(`POST ${widgets}?dryRun=All`, { body: aWidget('w', { spec: { size: 1 } }) })
  }
  for (const suffix of ['total', 'duration_seconds']) {
    t.same(seriesOf(metrics.render(), `apiserver_mutating_admission_policy_check_${suffix}`), [
      { labels: { error_type: 'no_error', policy: 'rule', policy_binding: 'bound' }, value: 4 },
      { labels: { error_type: 'compile_error', policy: 'rule', policy_binding: 'bound' }, value: 2 },
    ])
  }
})
