import t from 'tap'
import { clusterRole } from '../../../kinds/core/rbac/cluster-role/kind.ts'
import { clusterRoleBinding } from '../../../kinds/core/rbac/cluster-role-binding/kind.ts'
import { role } from '../../../kinds/core/rbac/role/kind.ts'
import { roleBinding } from '../../../kinds/core/rbac/role-binding/kind.ts'
import { admin, type LocalApi, openLocalApi, textAt } from '../../../test/support/local-api.ts'
import { until } from '../../../test/support/until.ts'
import type { AdmissionCheck } from '../../admission/admission.ts'
import { localClient } from '../../registry/local-client.ts'
import type { UserInfo } from '../../request-context.ts'
import type { RequestInfo } from '../../request-info.ts'
import { firstOpinion, mastersMayEverything } from '../authorizer.ts'
import { escalationCheck } from './escalation.ts'
import { rbacGroup } from './rbac-object.ts'
import { type Binding, rbacAuthorizer, rulesFor } from './rbac.ts'
import { RoleBook } from './role-book.ts'
import { missingRules, type PolicyRule, ruleAllows, ruleTexts } from './rules.ts'

const root = `/apis/${rbacGroup}/v1`

function asked(text: string): RequestInfo {
  const [verb = '', target = '', name = ''] = text.split(' ')
  const place = { group: '', version: 'v1', namespace: 'a', name, verb, path: target, resource: '', subresource: '' }
  if (target.startsWith('/')) return { ...place, isResourceRequest: false }
  const [full = '', group = ''] = target.split('@')
  const [resource = '', subresource = ''] = full.split('/')
  return { ...place, isResourceRequest: true, resource, subresource, group }
}

const pods: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }

t.test('a rule speaks for what it names, and stars for everything in their place', async (t) => {
  const cases: readonly (readonly [PolicyRule, readonly string[], readonly string[]])[] = [
    [pods, ['get pods', 'list pods', 'get pods x'], ['watch pods', 'get pods/log', 'get pods@apps', 'get /pods']],
    [{ ...pods, resources: ['pods/log'] }, ['get pods/log'], ['get pods']],
    [{ ...pods, resources: ['*/log'] }, ['get pods/log', 'get jobs/log'], ['get pods', 'get pods/exec']],
    [{ ...pods, resources: ['*'], verbs: ['*'] }, ['drop pods/log', 'get jobs'], ['get jobs@batch']],
    [{ ...pods, apiGroups: ['*'] }, ['get pods@apps'], ['get jobs']],
    [{ ...pods, resourceNames: ['x'] }, ['get pods x'], ['get pods y', 'list pods']],
    [{ verbs: ['get'], nonResourceURLs: ['/a', '/b/*'] }, ['get /a', 'get /b/c'], ['get /a/b', 'get /b', 'post /a']],
    [{ verbs: ['get'], nonResourceURLs: ['*'] }, ['get /x'], ['get pods']],
    [{ verbs: [], apiGroups: [''], resources: ['pods'] }, [], ['get pods']],
  ]
  for (const [rule, allowed, others] of cases) {
    for (const text of allowed) t.ok(ruleAllows(rule, asked(text)), `${JSON.stringify(rule)} ${text}`)
    for (const text of others) t.notOk(ruleAllows(rule, asked(text)), `${JSON.stringify(rule)} ${text}`)
  }
})

t.test('nobody holds what only many rules together look like', async (t) => {
  t.same(missingRules([pods], [pods, { ...pods, resourceNames: ['x'] }]), [])
  t.same(missingRules([{ ...pods, resourceNames: ['x'] }], [pods]).length, 2)
  t.same(missingRules([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], [pods, { ...pods, verbs: ['*'] }]), [])
  t.same(missingRules([pods], [{ ...pods, verbs: ['*'] }]).length, 1, 'a star is held by a star alone')
  t.same(missingRules([{ ...pods, resources: ['*/log'] }], [{ ...pods, resources: ['pods/log', 'pods'] }]).length, 2)
  t.same(
    missingRules([{ verbs: ['get'], nonResourceURLs: ['/a/*'] }], [{ verbs: ['get'], nonResourceURLs: ['/a/b'] }]),
    [],
  )
  const texts = ruleTexts(
    missingRules(
      [],
      [
        { ...pods, resources: ['pods', 'jobs'] },
        { ...pods, resourceNames: ['x'] },
      ],
    ),
  )
  t.same(texts, [
    '{APIGroups:[""], Resources:["jobs"], Verbs:["get" "list"]}',
    '{APIGroups:[""], Resources:["pods"], ResourceNames:["x"], Verbs:["get" "list"]}',
    '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
  ])
})

t.test('a binding gives a role to users, groups and accounts, where it lies', async (t) => {
  const bind = (name: string, kind: string, subject: object): Binding => ({
    name,
    subjects: [{ kind: 'User', name: 'x', ...subject }],
    roleRef: { kind, name: 'r' },
  })
  const authorize = rbacAuthorizer({
    clusterRoleBindings: () => [bind('c', 'ClusterRole', { kind: 'Group', name: 'readers' })],
    roleBindings: (namespace) =>
      namespace === 'a'
        ? [bind('one', 'Role', { name: 'ann' }), bind('two', 'Role', { kind: 'ServiceAccount', name: 'sa' })]
        : [bind('lost', 'Lost', { name: 'ann' }), bind('lost', 'Lost', { name: 'ann' })],
    rulesOf: ({ kind }) => (kind === 'Lost' ? undefined : [pods]),
  })
  const may = (name: string, at: string, ...groups: readonly string[]) =>
    authorize({ name, groups, extra: {} }, { ...asked('get pods'), namespace: at })
  t.match(may('ann', 'a'), { verdict: 'allow' })
  t.match(may('system:serviceaccount:a:sa', 'a'), { verdict: 'allow' }, 'of the namespace of the binding')
  t.same(may('system:serviceaccount:b:sa', 'a'), { verdict: 'no-opinion' })
  t.same(may('ann', ''), { verdict: 'no-opinion' })
  t.match(may('bob', '', 'readers'), { verdict: 'allow' })
  t.match(may('bob', 'b', 'readers'), { verdict: 'allow' })
  const reason = 'RBAC: [lost.rbac.authorization.k8s.io "r" not found]'
  t.same(may('ann', 'b'), { verdict: 'no-opinion', reason })
})

interface World extends AsyncDisposable {
  readonly api: LocalApi
  readonly book: RoleBook
  /** A POST of a manifest; the administrator's unless said. */
  create(plural: string, manifest: object, user?: UserInfo): ReturnType<LocalApi['call']>
}

async function openWorld(checks: readonly AdmissionCheck[] = []): Promise<World> {
  const book = new RoleBook()
  const authorize = firstOpinion([mastersMayEverything, rbacAuthorizer(book)])
  const kinds = [role, clusterRole, roleBinding, clusterRoleBinding]
  const api = await openLocalApi({ kinds, checks: [...checks, escalationCheck({ lookups: book, authorize })] })
  const client = (plural: string) => {
    const registry = api.registries.find(rbacGroup, plural)
    if (registry === undefined) throw new Error(plural)
    return localClient(registry, admin)
  }
  const end = new AbortController()
  let running = Promise.resolve()
  await new Promise<void>((known) => {
    const clients = {
      roles: client('roles'),
      clusterRoles: client('clusterroles'),
      roleBindings: client('rolebindings'),
      clusterRoleBindings: client('clusterrolebindings'),
    }
    running = book.run(clients, known, end.signal)
  })
  return {
    api,
    book,
    create: (plural, manifest, user = admin) => {
      const scope = plural.startsWith('cluster') ? '' : '/namespaces/a'
      return api.call(`POST ${root}${scope}/${plural}`, { body: manifest, user })
    },
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await running
      await api[Symbol.asyncDispose]()
    },
  }
}

const ann: UserInfo = { name: 'ann', groups: ['dev', 'system:authenticated'], extra: {} }
const subjects = [{ kind: 'User', name: 'ann' }]
const ref = (kind: string, name: string) => ({ apiGroup: rbacGroup, kind, name })

t.test('nobody gives away what he does not have', async (t) => {
  await using world = await openWorld()
  const write = [rule([rbacGroup], ['roles', 'rolebindings', 'clusterroles'], ['create', 'update', 'patch'])]
  await world.create('roles', { metadata: { name: 'own' }, rules: [...write, { ...pods, verbs: ['get'] }] })
  await world.create('roles', { metadata: { name: 'pods' }, rules: [pods] })
  await world.create('rolebindings', { metadata: { name: 'own' }, roleRef: ref('Role', 'own'), subjects })
  await until(async () => rulesFor(world.book, ann, 'a').length === 2)

  const wide = await world.create('roles', { metadata: { name: 'wide' }, rules: [pods] }, ann)
  t.match(wide, { code: 403, body: { reason: 'Forbidden' } })
  t.equal(
    textAt(wide.body, 'message'),
    'roles.rbac.authorization.k8s.io "wide" is forbidden: user "ann" (groups=["dev" "system:authenticated"]) is ' +
      'attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["list"]}',
  )
  const narrow = { metadata: { name: 'narrow' }, rules: [{ ...pods, verbs: ['get'] }] }
  t.match(await world.create('roles', narrow, ann), { code: 201 })
  const patch = { body: { rules: [pods] }, headers: { 'content-type': 'application/merge-patch+json' }, user: ann }
  t.match(await world.api.call(`PATCH ${root}/namespaces/a/roles/narrow`, patch), { code: 403 })
  const labelled = { ...patch, body: { metadata: { labels: { a: 'b' } } } }
  t.match(await world.api.call(`PATCH ${root}/namespaces/a/roles/pods`, labelled), { code: 200 })

  const bind = { metadata: { name: 'more' }, roleRef: ref('Role', 'pods'), subjects }
  t.match(textAt((await world.create('rolebindings', bind, ann)).body, 'message'), /not currently held/)
  const lost = { metadata: { name: 'lost' }, roleRef: ref('Role', 'lost'), subjects }
  const notThere = { code: 404, body: { message: `rolebindings.${rbacGroup} "lost" not found` } }
  t.match(await world.create('rolebindings', lost, ann), notThere)
  const gathering = {
    metadata: { name: 'g' },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
  }
  t.match(
    textAt((await world.create('clusterroles', gathering, ann)).body, 'message'),
    /^clusterroles.*"g" is forbidden: must have cluster-admin privileges to use the aggregationRule$/,
  )

  const extra = [{ ...rule([rbacGroup], ['roles'], ['bind', 'escalate']), resourceNames: ['pods', 'wide'] }]
  await world.create('roles', { metadata: { name: 'extra' }, rules: extra })
  await world.create('rolebindings', { metadata: { name: 'extra' }, roleRef: ref('Role', 'extra'), subjects })
  await until(async () => rulesFor(world.book, ann, 'a').length === 3)
  t.match(await world.create('rolebindings', bind, ann), { code: 201 }, 'the verb bind')
  t.match(await world.create('roles', { metadata: { name: 'wide' }, rules: [pods] }, ann), { code: 201 }, 'escalate')
})

t.test('what somebody gives away is judged before validation, and after all that changes it', async (t) => {
  const validated: string[] = []
  const adding: AdmissionCheck = {
    name: 'Adding',
    mutate: async ({ object }) => {
      if (object?.metadata.labels?.['add'] === undefined) return undefined
      return { ...object, rules: [...((object['rules'] ?? []) as PolicyRule[]), rule([''], ['secrets'], ['get'])] }
    },
    validate: async ({ name }) => void validated.push(name),
  }
  await using world = await openWorld([adding])
  const own = [rule([''], ['pods'], ['get'])]
  await world.create('roles', { metadata: { name: 'own' }, rules: own })
  await world.create('rolebindings', { metadata: { name: 'own' }, roleRef: ref('Role', 'own'), subjects })
  await until(async () => rulesFor(world.book, ann, 'a').length === 1)
  validated.length = 0
  const create = async (name: string, members: object, plural = 'roles') => {
    const { labels = {}, ...content } = members as { labels?: object }
    const { code, body } = await world.create(plural, { metadata: { name, labels }, ...content }, ann)
    return { code, text: textAt(body, 'message') }
  }
  const added = await create('added', { rules: own, labels: { add: '' } })
  t.match(added, { code: 403, text: /not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\]/ })
  const both = await create('both', { rules: [rule([''], ['secrets'], ['get']), { verbs: [] }] })
  t.match(both, { code: 403 }, 'an invalid role that gives away too much is forbidden, not invalid')
  for (const rules of [[{ verbs: [] }], [null], ['x'], [{ verbs: 'get', resources: ['pods'] }], 'x']) {
    t.match(await create('bad', { rules }), { code: /^(400|422)$/ }, JSON.stringify(rules))
  }
  for (const roleRef of [ref('Widget', 'x'), { ...ref('Role', 'x'), kind: 7 }, 'x']) {
    t.match(
      await create('bad', { roleRef, subjects }, 'rolebindings'),
      { code: /^(400|422)$/ },
      JSON.stringify(roleRef),
    )
  }
  t.same(validated, [], 'nobody validates what is not permitted')
  t.match(await create('fine', { rules: own }), { code: 201 })
  t.same(validated, ['fine'])
})

function rule(apiGroups: readonly string[], resources: readonly string[], verbs: readonly string[]): PolicyRule {
  return { apiGroups, resources, verbs }
}

t.test('a ClusterRole that gathers has the rules of those it selects, through others, and loses them', async (t) => {
  await using world = await openWorld()
  const gather = (name: string, label: string, labels: object) => ({
    metadata: { name, labels },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: label } }] },
  })
  await world.create('clusterroles', gather('admin', 'admin', {}))
  await world.create('clusterroles', gather('edit', 'edit', { to: 'admin' }))
  await world.create('clusterroles', { metadata: { name: 'part', labels: { to: 'edit' } }, rules: [pods] })
  const rules = async () => (await world.api.call(`GET ${root}/clusterroles/admin`)).text
  await until(async () => (await rules()).includes('"pods"'))
  t.match(world.book.rulesOf({ kind: 'ClusterRole', name: 'edit', namespace: '' }), [pods])
  await world.api.call(`DELETE ${root}/clusterroles/part`)
  await until(async () => !(await rules()).includes('"pods"'))
})

t.test('roles and bindings are checked and completed as in a cluster', async (t) => {
  await using world = await openWorld()
  const refusals: readonly (readonly [string, object, string])[] = [
    ['roles', { rules: [{ verbs: [] }] }, 'rules[0].verbs: Required value: verbs must contain at least one value'],
    ['roles', { rules: [{ verbs: ['get'] }] }, 'rules[0].apiGroups: Required value'],
    ['roles', { rules: [{ verbs: ['get'], nonResourceURLs: ['/'] }] }, 'namespaced rules cannot apply to non-resource'],
    ['rolebindings', { roleRef: ref('Widget', 'x') }, 'roleRef.kind: Unsupported value: "Widget"'],
    ['clusterrolebindings', { roleRef: ref('Role', 'x') }, 'roleRef.kind: Unsupported value: "Role"'],
    [
      'clusterrolebindings',
      { roleRef: ref('ClusterRole', 'x'), subjects: [{ kind: 'ServiceAccount', name: 'x' }] },
      'subjects[0].namespace: Required value',
    ],
    ['clusterroles', { aggregationRule: {} }, 'at least one clusterRoleSelector required'],
  ]
  for (const [plural, members, text] of refusals) {
    const { code, body } = await world.create(plural, { metadata: { name: 'x' }, ...members })
    t.equal(code, 422, text)
    t.ok(textAt(body, 'message').includes(text), textAt(body, 'message'))
  }
  const whole = { metadata: { name: 'x:y' }, roleRef: { kind: 'ClusterRole', name: 'r' }, subjects }
  const made = await world.create('rolebindings', whole)
  t.match(made, { code: 201, body: { roleRef: { apiGroup: rbacGroup }, subjects: [{ apiGroup: rbacGroup }] } })
  const other = { body: { roleRef: { name: 'other' } }, headers: { 'content-type': 'application/merge-patch+json' } }
  const moved = await world.api.call(`PATCH ${root}/namespaces/a/rolebindings/x:y`, other)
  t.match(textAt(moved.body, 'message'), /roleRef: Invalid value: .*: cannot change roleRef/)
})
