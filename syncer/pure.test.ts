import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { RE2JS } from 're2js'
import t from 'tap'
import { systemClock } from '../base/clock.ts'
import { goReplaceAll } from '../base/regexp/go-replace.ts'
import { dataAreas } from '../hack/vector-areas/data.ts'
import { vectorResults } from '../hack/vector-areas/outcome.ts'
import type { ExternalSecret, ExternalSecretSpec, ExternalSecretStatus } from '../kinds/external-secret/v1.ts'
import type { JsonObject } from '../machinery/object.ts'
import { parseTime } from '../machinery/time.ts'
import { decodeValue } from './decode.ts'
import { hashOfData, hashOfMetadata } from './hash.ts'
import { keysAndValues } from './render/keys-and-values.ts'
import { ParsedTemplates } from './render/parsed-templates.ts'
import { rewriteValues } from './rewrite/rewrite.ts'
import { isRefreshDue, nextLookAt, overdueSince, retryPauseMax } from './schedule.ts'
import { isWorthWriting, statusAfter, synced, failedWith } from './status.ts'
import { managerOf, syncedVersionOf } from './target/marks.ts'
import { parseCron } from './windows/cron.ts'
import { isOpen } from './windows/sync-windows.ts'
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

const engine = { clock: systemClock, random: randomBytes, templates: new ParsedTemplates() }

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

t.test('a window that overlaps itself is open all the time, and one that ends is closed at once', async (t) => {
  const always = { schedule: '* * * * *', duration: '2m' }
  const everyQuarter = Array.from({ length: 240 }, (_, quarter) => noon + quarter * 250)
  t.same(
    everyQuarter.filter((nowMs) => !isOpen(always, nowMs)),
    [],
  )
  const once = { schedule: '0 10 * * *', duration: '2h' }
  t.same(
    [0, 1, 999, 1000].map((lateMs) => isOpen(once, noon + lateMs)),
    [true, false, false, false],
  )
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
