import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { RE2JS } from 're2js'
import t from 'tap'
import { systemClock } from '../base/clock.ts'
import { goReplaceAll } from '../base/regexp/go-replace.ts'
import { dataAreas } from '../hack/vector-areas/data.ts'
import { vectorResults } from '../hack/vector-areas/outcome.ts'
import type { Secret } from '../kinds/core/secret/v1.ts'
import type { ExternalSecret, ExternalSecretSpec, ExternalSecretStatus } from '../kinds/external-secret/v1.ts'
import type { JsonObject } from '../machinery/object.ts'
import { parseTime } from '../machinery/time.ts'
import { decodeValue } from './decode.ts'
import { hashOfData, hashOfMetadata } from './hash.ts'
import { DeletionBrake } from './missing/deletion-brake.ts'
import { Sightings } from './missing/sightings.ts'
import { type Plan, planSync, type Wanted } from './plan.ts'
import { keysAndValues } from './render/keys-and-values.ts'
import { renderTarget } from './render/render.ts'
import { rewriteValues } from './rewrite/rewrite.ts'
import { isRefreshDue, nextLookAt, overdueSince, retryPauseMax } from './schedule.ts'
import { isWorthWriting, statusAfter, synced, failedWith } from './status.ts'
import { managerOf, syncedVersionOf } from './target/marks.ts'
import { dataOf } from './target/secret-data.ts'
import { parseCron } from './windows/cron.ts'
import { namespaceTest } from './stores/namespace-conditions.ts'

t.test('the recorded data vectors hold', async (t) => {
  const file = JSON.parse(readFileSync('test/vectors/data-vectors.json', 'utf8')) as JsonObject
  const results = vectorResults(dataAreas, file)
  t.same(
    results.filter(({ result }) => result === 'failed'),
    [],
  )
  t.ok(results.filter(({ result }) => result === 'passed').length > 70)
})

const engine = { clock: systemClock, random: randomBytes }

function planned({
  data: values,
  ...rest
}: Omit<Wanted, 'content' | 'adoption'> &
  Partial<Pick<Wanted, 'adoption'>> & {
    data: Wanted['content']['data']
  }): Plan {
  const { externalSecret } = rest
  return planSync({
    adoption: 'always',
    ...rest,
    content: renderTarget({ externalSecret, values, documents: [], engine }),
  })
}

const noon = at('2026-06-01T12:00:00Z')

t.test('base64 errors name the byte where Go gives up', async (t) => {
  const table: readonly (readonly [string, string])[] = [
    ['foo', '0'],
    ['Zm9vYg', '4'],
    ['!abc', '0'],
    ['Zm9v=', '4'],
    ['Zm9vYg=', '7'],
    ['Zm9vYg=x', '6'],
    ['Zm9vYg==x', '8'],
    ['Zm9vYmE=\nZ', '9'],
  ]
  for (const [text, offset] of table) {
    const message = `illegal base64 data at input byte ${offset}`
    t.throws(() => decodeValue(Buffer.from(text), 'Base64'), { message }, JSON.stringify(text))
  }
  t.equal(Buffer.from(decodeValue(Buffer.from('Zm9v\r\nYg==\n'), 'Base64')).toString(), 'foob')
})

t.test('keys are replaced as Go replaces', async (t) => {
  const table: readonly (readonly [string, string, string, string])[] = [
    ['(\\w)(\\w*)', 'ab cd', '$2$1', 'ba dc'],
    ['a', 'abc', '$1x', 'bc'],
    ['(a)', 'abc', '${1}x', 'axbc'],
    ['(?P<first>a)', 'abc', '<$first>', '<a>bc'],
    ['(a)', 'abc', '$9$$1', '$1bc'],
    ['(a)', 'abc', '$ ${ ${}', '$ ${ ${}bc'],
    ['(a)|(b)', 'ab', '[$1$2]', '[a][b]'],
    ['a*', 'baac', 'x', 'xbxcx'],
    ['$', 'é', '_', 'é_'],
  ]
  for (const [source, text, template, expected] of table) {
    t.equal(goReplaceAll(RE2JS.compile(source), text, template), expected, `${source} ${template}`)
  }
})

t.test('a rewrite says which operation failed, and never what a value is', async (t) => {
  const values = new Map([['k', Buffer.from('{"canary": [')]])
  const steps = [{ regexp: { source: 'x', target: 'y' } }, { merge: {} }]
  t.throws(() => rewriteValues(values, steps, engine), {
    message:
      'failed rewrite operation[1]: merge failed with failed to unmarshal JSON: the value of key "k" is not an object',
  })
  const unknown = [{ transform: { template: '{{ .nope }}' } }]
  t.throws(() => rewriteValues(values, unknown, engine), {
    message: /^failed rewrite operation\[0\]: transform failed with .* map has no entry for key "nope"$/,
  })
  const colliding = new Map([
    ['b', Buffer.from('2')],
    ['a', Buffer.from('1')],
  ])
  const [[key, value] = []] = rewriteValues(colliding, [{ regexp: { source: '.', target: 'c' } }], engine)
  t.same([key, String(value)], ['c', '2'], 'of keys that become one the last by bytes wins')
})

t.test('a rendered document is read as YAML 1.1 reads it and printed as Go prints it', async (t) => {
  const table: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['yes: on', { true: 'true' }],
    ['a: 0123\nb: 0x1F\nc: 12345678901234567890', { a: '83', b: '31', c: '12345678901234567890' }],
    [
      'a: 1.10\nb: 3.14159265\nc: 1e6\nd: 1234567.5\ne: 0.00001',
      {
        a: '1.1',
        b: '3.1415927',
        c: '1e+06',
        d: '1.2345675e+06',
        e: '1e-05',
      },
    ],
    ['a: ~\nb:\nc: 2024-01-02\nd: "0123"', { a: '', b: '', c: '2024-01-02', d: '0123' }],
    ['{"a": 1000000}', { a: '1000000' }],
    ['', {}],
  ]
  for (const [document, expected] of table) {
    const actual = [...keysAndValues(Buffer.from(document))].map(([key, value]) => [key, Buffer.from(value).toString()])
    t.same(Object.fromEntries(actual), expected, document)
  }
  for (const document of ['- a', 'a: {b: canary}', 'a: [canary', 'canary']) {
    t.throws(() => keysAndValues(Buffer.from(document)), { message: /^could not unmarshal template(?!.*canary)/ })
  }
})

t.test('hashes and names are those of ESO', async (t) => {
  t.equal(hashOfData(new Map([['a', Buffer.from('v')]])), '9c0bfff0356efd80611a1ec73594c79465a0378528c732092a39b27c')
  t.equal(hashOfMetadata({}), 'f47fe3c0b255b6dd8047cdffa772587bb829efe7a1cb70febeda2eb2')
  const annotated = { generation: 1, annotations: { 'force-sync': '1' } }
  t.equal(syncedVersionOf(annotated), '1-3cb9936e04320bcee317a9aaadf651af57f2be9c1e224eca5ace6f9f')
  t.equal(managerOf('a'.repeat(27)), `externalsecrets.external-secrets.io/${'a'.repeat(27)}`)
  t.match(managerOf('a'.repeat(28)), /^externalsecrets\.external-secrets\.io\/sha3\/[0-9a-f]{56}$/)
})

t.test('what is due follows the refresh policy', async (t) => {
  const hourAgo = '2026-06-01T10:59:59Z'
  const justNow = '2026-06-01T11:59:00Z'
  const table: readonly (readonly [string, Partial<ExternalSecretSpec>, ExternalSecretStatus | undefined, boolean])[] =
    [
      ['never synced', {}, undefined, true],
      ['synced just now', {}, syncedAt(justNow), false],
      ['the interval is over', {}, syncedAt(hourAgo), true],
      ['the interval ends this moment', {}, syncedAt('2026-06-01T11:00:00Z'), false],
      ['synced in the future', {}, syncedAt('2026-06-01T12:00:01Z'), true],
      ['changed', {}, { ...syncedAt(justNow), syncedResourceVersion: '1-x' }, true],
      [
        'interval 0 and changed',
        { refreshInterval: '0s' },
        { ...syncedAt(justNow), syncedResourceVersion: '1-x' },
        false,
      ],
      ['interval below 0', { refreshInterval: '-1h' }, syncedAt(hourAgo), false],
      [
        'CreatedOnce and changed',
        { refreshPolicy: 'CreatedOnce' },
        { ...syncedAt(hourAgo), syncedResourceVersion: 'x' },
        false,
      ],
      ['CreatedOnce and never synced', { refreshPolicy: 'CreatedOnce' }, undefined, true],
      ['OnChange and unchanged', { refreshPolicy: 'OnChange' }, syncedAt(hourAgo), false],
      [
        'OnChange and changed',
        { refreshPolicy: 'OnChange' },
        { ...syncedAt(justNow), syncedResourceVersion: 'x' },
        true,
      ],
      ['a closed window', { syncWindows: windows('deny') }, syncedAt(hourAgo), false],
      ['an open window', { syncWindows: windows('allow') }, syncedAt(hourAgo), true],
      [
        'a closed window, changed',
        { syncWindows: windows('deny') },
        { ...syncedAt(hourAgo), syncedResourceVersion: 'x' },
        true,
      ],
    ]
  for (const [name, spec, status, due] of table) {
    t.equal(isRefreshDue({ externalSecret: anExternalSecret(spec, status) }, noon), due, name)
  }
  const looked = { externalSecret: anExternalSecret({}, syncedAt(hourAgo)), lastSyncMs: noon - 1000 }
  t.notOk(isRefreshDue(looked, noon), 'this process knows of a later refresh than the status')
})

t.test('nothing that is not due is looked at for ever', async (t) => {
  const next = (spec: Partial<ExternalSecretSpec>, refreshed: string): number | undefined =>
    nextLookAt({ externalSecret: anExternalSecret(spec, syncedAt(refreshed)) }, noon)
  t.equal(next({}, '2026-06-01T11:30:00Z'), at('2026-06-01T12:30:00Z') + 1)
  t.equal(next({ refreshPolicy: 'OnChange' }, '2026-06-01T09:00:00Z'), undefined)
  t.equal(next({ refreshInterval: '0' }, '2026-06-01T09:00:00Z'), undefined)
  t.equal(next({ syncWindows: windows('deny') }, '2026-06-01T09:00:00Z'), at('2026-06-01T12:01:00Z'), 'the next minute')
})

t.test('tries are bounded by the interval, and what the clock alone made due is known', async (t) => {
  const pauseMs = (refreshInterval: string) =>
    retryPauseMax(anExternalSecret({ refreshInterval }, undefined).spec, 420_000)
  t.same(['30s', '1h', '24h', '0'].map(pauseMs), [30_000, 420_000, 3_600_000, 420_000])
  const since = (spec: Partial<ExternalSecretSpec>, status: ExternalSecretStatus | undefined) =>
    overdueSince({ externalSecret: anExternalSecret(spec, status) }, noon)
  const hourAgo = syncedAt('2026-06-01T10:59:00Z')
  t.equal(since({}, hourAgo), noon - 60_000 + 1)
  t.equal(since({}, undefined), undefined, 'never synced')
  t.equal(since({}, { ...hourAgo, syncedResourceVersion: 'x' }), undefined, 'changed')
  t.equal(since({}, syncedAt('2026-06-01T11:30:00Z')), undefined, 'not due')
  t.equal(since({ syncWindows: windows('deny') }, hourAgo), undefined)
})

t.test('cron lines fire when cron would', async (t) => {
  const table: readonly (readonly [string, string, string | undefined])[] = [
    ['0 22 * * *', '2026-06-01T21:59:59Z', '2026-06-01T22:00:00Z'],
    ['0 22 * * *', '2026-06-01T22:00:00Z', '2026-06-02T22:00:00Z'],
    ['*/15 9-17 * * mon-fri', '2026-06-05T17:50:00Z', '2026-06-08T09:00:00Z'],
    ['5/20 * * * *', '2026-06-01T00:06:00Z', '2026-06-01T00:25:00Z'],
    ['0 0 1,15 * *', '2026-06-02T00:00:00Z', '2026-06-15T00:00:00Z'],
    ['0 0 13 * fri', '2026-06-01T00:00:00Z', '2026-06-05T00:00:00Z'],
    ['0 0 */2 * fri', '2026-06-06T00:00:00Z', '2026-06-07T00:00:00Z'],
    ['0 0 29 feb *', '2026-06-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 30 2 *', '2026-06-01T00:00:00Z', undefined],
    ['@weekly', '2026-06-01T00:00:00Z', '2026-06-07T00:00:00Z'],
    ['@every 90s', '2026-06-01T00:00:00Z', '2026-06-01T00:01:30Z'],
  ]
  for (const [line, after, firing] of table) {
    t.equal(parseCron(line)?.next(at(after)), firing === undefined ? undefined : at(firing), line)
  }
  for (const line of [
    '',
    '* * * *',
    '60 * * * *',
    '* * * * 7',
    '5-1 * * * *',
    '*/0 * * * *',
    '@never',
    '@every x',
    '1-2-3 * * * *',
  ]) {
    t.equal(parseCron(line), undefined, `${line} is none`)
  }
})

t.test('a namespace whose labels are not known yet is let in by its name alone', async (t) => {
  const absent = [{ key: 'closed', operator: 'DoesNotExist' as const }]
  const bySelector = namespaceTest([{ namespaceSelector: { matchExpressions: absent } }])
  t.equal(bySelector({ metadata: { name: 'a', labels: {} } }), true)
  t.equal(bySelector({ metadata: { name: 'a' } }), false)
  t.equal(namespaceTest([{ namespaces: ['a'] }])({ metadata: { name: 'a' } }), true)
  t.equal(namespaceTest([{ namespaceRegexes: ['a'.repeat(5000)] }])({ metadata: { name: 'a'.repeat(60) } }), false)
})

t.test('a target is made, taken over, left alone or refused', async (t) => {
  const externalSecret = anExternalSecret({}, undefined)
  const data = new Map([['a', Buffer.from('v')]])
  const created = planned({ externalSecret, data })
  t.match(created, { action: 'create', secret: { data: { a: 'dg==' }, metadata: { name: 'es', namespace: 'ns' } } })
  const current = (created as { secret: Secret }).secret
  t.same(planned({ externalSecret, data, current }), { action: 'none' }, 'the same again writes nothing')
  t.match(planned({ externalSecret, data: new Map([['b', Buffer.from('w')]]), current }), {
    action: 'update',
    secret: { data: { b: 'dw==', a: undefined } },
  })
  const other = {
    apiVersion: 'external-secrets.io/v1beta1',
    kind: 'ExternalSecret',
    name: 'first',
    uid: 'x',
    controller: true,
  }
  const theirs = { ...current, metadata: { ...current.metadata, ownerReferences: [other] } }
  const refusal = { message: 'target is owned by another ExternalSecret' }
  t.match(planned({ externalSecret, data, current: theirs }), { action: 'refuse', refusal })
  const orphan = anExternalSecret({ target: { creationPolicy: 'Orphan' } }, undefined)
  t.match(
    planned({ externalSecret: orphan, data, current: theirs }),
    { action: 'refuse', refusal },
    'whatever the policy',
  )
  const given = planned({ externalSecret: orphan, data, current })
  t.equal((given as { secret: Secret }).secret.metadata.ownerReferences, undefined, 'Orphan gives the Secret up')
  const again = { ...externalSecret, metadata: { ...externalSecret.metadata, uid: 'new' } }
  const taken = planned({ externalSecret: again, data, current })
  t.match(
    taken,
    { action: 'update', secret: { metadata: { ownerReferences: [{ uid: 'new' }] } } },
    'made again under its name',
  )
  t.equal((taken as { secret: Secret }).secret.metadata.ownerReferences?.length, 1)
})

t.test('labels that the ExternalSecret lost go from its Secret, those of others stay', async (t) => {
  const externalSecret = anExternalSecret({}, undefined)
  const current: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'es',
      namespace: 'ns',
      labels: { lost: '1', foreign: '1' },
      managedFields: [
        {
          manager: managerOf('es'),
          operation: 'Update',
          fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:lost': {} } } },
        },
      ],
    },
  }
  const plan = planned({ externalSecret, data: new Map([['a', Buffer.from('v')]]), current })
  const { labels } = (plan as { secret: Secret }).secret.metadata
  t.equal(labels?.['lost'], undefined)
  t.equal(labels?.['foreign'], '1')
})

t.test('a merged target keeps what others wrote, and loses what was ours and is not wanted any more', async (t) => {
  const manager = managerOf('es')
  const fields = (...keys: string[]) => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) })
  const current: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'es',
      namespace: 'ns',
      managedFields: [
        { manager, operation: 'Update', fieldsV1: fields('old', 'a') },
        { manager, operation: 'Apply', fieldsV1: fields('applied', 'shared') },
        { manager: 'kubectl', operation: 'Apply', fieldsV1: fields('theirs', 'shared') },
      ],
    },
    data: { old: 'MQ==', a: 'MQ==', applied: 'MQ==', shared: 'MQ==', theirs: 'MQ==', unclaimed: 'MQ==' },
  }
  const data = new Map([['a', Buffer.from('v')]])
  for (const creationPolicy of ['Merge', 'CreateOrMerge'] as const) {
    const plan = planned({ externalSecret: anExternalSecret({ target: { creationPolicy } }, undefined), data, current })
    const { secret } = plan as { secret: Secret }
    t.same(secret.data, { a: 'dg==', shared: 'MQ==', theirs: 'MQ==', unclaimed: 'MQ==' }, creationPolicy)
    t.equal(secret.metadata.ownerReferences, undefined)
    t.match(secret.metadata.annotations, {
      'reconcile.external-secrets.io/data-hash': hashOfData(dataOf(secret)),
    })
  }
  const merge = anExternalSecret({ target: { creationPolicy: 'Merge' } }, undefined)
  t.same(planned({ externalSecret: merge, data }), { action: 'absent' }, 'Merge makes no Secret')
  const createOrMerge = anExternalSecret({ target: { creationPolicy: 'CreateOrMerge' } }, undefined)
  t.match(planned({ externalSecret: createOrMerge, data }), { action: 'create' })
  const owner = planned({ externalSecret: anExternalSecret({}, undefined), data, current })
  t.same((owner as { secret: Secret }).secret.data, { a: 'dg==' }, 'an owner has the whole Secret')
})

t.test('a sighting is confirmed by another one, for each entry', async (t) => {
  const sightings = new Sightings(10)
  t.equal(sightings.confirmableAt('u'), undefined)
  t.same(sightings.see('u', ['a'], 100), ['a'])
  t.same(sightings.see('u', ['a', 'b'], 105), ['b'], 'only what is new is told')
  t.equal(sightings.confirmableAt('u'), 115, 'the youngest decides')
  t.same(sightings.see('u', ['b'], 106), [])
  t.same(sightings.see('u', ['a', 'b'], 107), ['a'], 'what was there in between begins anew')
  t.equal(sightings.confirmableAt('u'), 117)
  sightings.forget('u')
  t.equal(sightings.confirmableAt('u'), undefined)
})

t.test('the brake goes on at a count or a percentage, and off when nobody asks any more', async (t) => {
  const asked = (brake: DeletionBrake, total: number, nowMs = 0): number =>
    Array.from({ length: 60 }, (_, index) => brake.allows(`u${index}`, total, nowMs)).filter(Boolean).length
  t.equal(asked(new DeletionBrake({ countMax: 0, percentMax: 0 }), 60), 60, 'switched off')
  t.equal(asked(new DeletionBrake({ countMax: 7, percentMax: 0 }), 60), 7)
  t.equal(asked(new DeletionBrake({ countMax: 50, percentMax: 10 }), 200), 20)
  t.equal(asked(new DeletionBrake({ countMax: 50, percentMax: 10 }), 10), 5, 'five are no mass')
  const brake = new DeletionBrake({ countMax: 1, percentMax: 0 })
  t.ok(brake.allows('a', 9, 0))
  t.ok(brake.allows('b', 9, 60_000), 'a minute later')
  t.notOk(brake.allows('c', 9, 60_001))
  t.notOk(brake.allows('c', 9, 600_000), 'time alone does not release it')
  brake.release('c')
  t.ok(brake.allows('d', 9, 600_000))
})

t.test('a foreign Secret is left alone, unless it says that it may be taken over', async (t) => {
  const data = new Map([['a', Buffer.from('v')]])
  const bare = (metadata: Secret['metadata'] = {}): Secret => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'es', namespace: 'ns', ...metadata },
    data: { theirs: 'MQ==' },
  })
  const controller = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'x', controller: true }
  const ours = { ...controller, apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'es' }
  const managed = { 'reconcile.external-secrets.io/managed': 'true' }
  const adopt = { annotations: { 'external-secrets.io/adopt': 'true' } }
  const wrote = [{ manager: managerOf('es'), operation: 'Update' as const, fieldsV1: {} }]
  type Row = readonly [string, NonNullable<ExternalSecretSpec['target']>['creationPolicy'], Secret, Plan['action']]
  const table: readonly Row[] = [
    ['without a mark', 'Owner', bare(), 'leave'],
    ['without a mark, orphaned', 'Orphan', bare(), 'leave'],
    ['merged into', 'Merge', bare(), 'update'],
    ['merged into or made', 'CreateOrMerge', bare(), 'update'],
    ['with its leave', 'Owner', bare(adopt), 'update'],
    ['with another word', 'Owner', bare({ annotations: { 'external-secrets.io/adopt': 'yes' } }), 'leave'],
    ['managed by some ExternalSecret', 'Owner', bare({ labels: managed }), 'update'],
    ['ours by its owner, the label lost', 'Owner', bare({ ownerReferences: [ours] }), 'update'],
    ['ours by who wrote it, the label lost', 'Orphan', bare({ managedFields: wrote }), 'update'],
    ['controlled by another', 'Orphan', bare({ labels: managed, ownerReferences: [controller] }), 'leave'],
    ['controlled by another, merged into', 'Merge', bare({ ownerReferences: [controller] }), 'leave'],
    ['controlled, with leave', 'Merge', bare({ ...adopt, ownerReferences: [controller] }), 'update'],
    ['controlled, with leave: two cannot', 'Owner', bare({ ...adopt, ownerReferences: [controller] }), 'refuse'],
  ]
  for (const [name, creationPolicy, current, action] of table) {
    const externalSecret = anExternalSecret({ target: creationPolicy ? { creationPolicy } : {} }, undefined)
    t.equal(planned({ externalSecret, data, current, adoption: 'annotated' }).action, action, name)
  }
  const externalSecret = anExternalSecret({}, undefined)
  t.equal(planned({ externalSecret, data, current: bare(), adoption: 'always' }).action, 'update', '--adopt=always')
})

t.test('an immutable target keeps its data', async (t) => {
  const data = new Map([['a', Buffer.from('new')]])
  const current = {
    ...(planned({ externalSecret: anExternalSecret({}, undefined), data: new Map() }) as { secret: Secret }).secret,
    immutable: true,
  }
  const plan = planned({ externalSecret: anExternalSecret({}, undefined), data, current })
  t.match(plan, { action: 'refuse', refusal: { message: 'could not update secret, target is immutable' } })
  const asked = anExternalSecret({ target: { immutable: true } }, undefined)
  t.same(planned({ externalSecret: asked, data, current }), { action: 'none' }, 'asked for: left as it is')
})

t.test('the status keeps what still holds', async (t) => {
  const before = anExternalSecret({}, undefined)
  const first = statusAfter(before, failedWith('could not get secret data from provider'), noon)
  t.match(first, {
    refreshTime: null,
    binding: { name: '' },
    conditions: [{ status: 'False', reason: 'SecretSyncedError' }],
  })
  const done = statusAfter({ ...before, status: first }, { ...synced, boundTo: 'es' }, noon + 5000)
  t.match(done, { refreshTime: '2026-06-01T12:00:05Z', binding: { name: 'es' } })
  const failed = statusAfter({ ...before, status: done }, failedWith('x'), noon + 9000)
  t.match(failed, {
    refreshTime: '2026-06-01T12:00:05Z',
    syncedResourceVersion: done.syncedResourceVersion ?? '',
    binding: { name: 'es' },
  })
  const later = statusAfter({ ...before, status: done }, synced, noon + 60_000)
  t.notOk(isWorthWriting(done, later, 3_600_000), 'only the time moved')
  t.ok(isWorthWriting(done, later, 30_000))
  t.ok(isWorthWriting(first, done, 3_600_000))
})

function at(time: string): number {
  return parseTime(time) ?? Number.NaN
}

function windows(kind: 'allow' | 'deny'): NonNullable<ExternalSecretSpec['syncWindows']> {
  return { kind, windows: [{ schedule: '0 11 * * *', duration: '2h' }] }
}

function syncedAt(refreshTime: string): ExternalSecretStatus {
  return { refreshTime, syncedResourceVersion: syncedVersionOf({ generation: 1 }) }
}

function anExternalSecret(spec: Partial<ExternalSecretSpec>, status: ExternalSecretStatus | undefined): ExternalSecret {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'es', namespace: 'ns', uid: 'u', generation: 1 },
    spec,
    ...(status && { status }),
  }
}
