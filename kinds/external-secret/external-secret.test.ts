import { readFileSync } from 'node:fs'
import t from 'tap'
import type { JsonObject, KubeObject } from '../../machinery/object.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import { columns, selectableFields } from './columns.ts'
import { brokenRules } from './rules.ts'
import { type ExternalSecretSpec, externalSecretV1 } from './v1.ts'
import { v1alpha1Conversion } from './v1alpha1.ts'
import { v1beta1Conversion } from './v1beta1.ts'
import { checkExternalSecret } from './validate.ts'

interface Vector {
  readonly op: string
  readonly id: string
  readonly input: ExternalSecretSpec
  readonly expect: { readonly admitted?: true; readonly errorEquals?: string }
}

const file = new URL('../../../test/vectors/data-vectors.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] }

t.test('the admission rules say what the original says, word for word', async (t) => {
  for (const { id, input, expect } of vectors.filter(({ op }) => op === 'admitExternalSecret')) {
    const texts = brokenRules(input).map(({ text }) => text)
    t.equal(texts.join('\n'), expect.errorEquals ?? '', id)
  }
})

const data = [{ secretKey: 'a', remoteRef: { key: 'k' } }]

function intoApp(target: string): JsonObject {
  const manifest = { apiVersion: 'example.com/v1', kind: 'App' }
  return { manifest, template: { templateFrom: [{ target, literal: 'a: b' }] } }
}

t.test('refusals name the field', async (t) => {
  const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['a plain one', { data }, []],
    ['nothing to fetch', {}, ['spec.data: Required value: either data or dataFrom should be specified']],
    [
      'a key that comes twice',
      { data: [...data, ...data] },
      ['spec.data[1].secretKey: Duplicate value: "a": duplicate secretKey found: a'],
    ],
    ...['1d', '60', 'soon', ''].map((refreshInterval) => intervalCase(refreshInterval)),
    ['no interval at all', { data, refreshInterval: '0' }, []],
    ['every 90 minutes', { data, refreshInterval: '1h30m' }, []],
    [
      'a window that lasts a day',
      { data, syncWindows: { kind: 'allow', windows: [{ schedule: '@daily', duration: '1d' }] } },
      ['spec.syncWindows.windows[0].duration: Invalid value: "1d": must be a duration such as 30s, 15m or 1h30m'],
    ],
    [
      'a template for the engine that is gone',
      { data, target: { template: { engineVersion: 'v1' } } },
      [
        'spec.target.template.engineVersion: Forbidden: template engine v1 is no longer served: ' +
          'write the template for engineVersion v2',
      ],
    ],
    ['a path into an object of another kind', { data, target: intoApp('spec.rules[0].host') }, []],
    [
      'a path that leads nowhere',
      { data, target: intoApp('spec..host') },
      [
        'spec.target.template.templateFrom[0].target: Forbidden: ' +
          'templateFrom target="spec..host" is no place in an object: empty segment',
      ],
    ],
    [
      'a path to what says whose it is',
      { data, target: intoApp('metadata.ownerReferences') },
      [
        'spec.target.template.templateFrom[0].target: Forbidden: templateFrom target="metadata.ownerReferences" ' +
          'is no place in an object: values have no place in metadata',
      ],
    ],
  ]
  for (const [name, spec, expected] of cases) t.same(refusals({ spec }), expected, name)
  t.same(refusals({}), ['spec: Required value: either data or dataFrom should be specified'], 'no spec at all')
})

t.test('a template that cannot be parsed is refused with its place', async (t) => {
  const templated = (template: JsonObject): readonly string[] => refusals({ spec: { data, target: { template } } })
  t.same(templated({ data: { a: '{{ .x | upper }}', b: '{{ if .x }}{{ .y }}{{ end }}' } }), [])
  t.match(templated({ data: { a: 'ok\n  {{ .x | uper }}', b: '{{ if .x }}' }, metadata: { labels: { l: '{{' } } }), [
    /^spec\.target\.template\.data\[a\]: Invalid value: .* line 2, column 10: there is no function uper; is upper/,
    /^spec\.target\.template\.data\[b\]: Invalid value: the template, line 1, column \d+: /,
    /^spec\.target\.template\.metadata\.labels\[l\]: Invalid value: the template, line 1, column \d+: /,
  ])
  t.match(templated({ templateFrom: [{ literal: 'fine' }, { literal: '{{ env "HOME" }}' }] }), [
    /^spec\.target\.template\.templateFrom\[1\]\.literal: .* there is no function env$/,
  ])
  const rewrite = [{ regexp: { source: 'a', target: 'b' } }, { transform: { template: '{{ .value' } }]
  t.match(refusals({ spec: { dataFrom: [{ extract: { key: 'k' }, rewrite }] } }), [
    /^spec\.dataFrom\[0\]\.rewrite\[1\]\.transform\.template: Invalid value: the template, line 1, column \d+: /,
  ])
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, '{{ nonsense }}']))
  t.equal(templated({ data: many }).length, 10, 'ten are enough to know')
  t.equal(templated({ data: { a: 'x'.repeat(300_000), b: '{{' } }).length, 0, 'beyond the bound rendering tells')
  t.match(templated({ data: { a: `{{ ${'('.repeat(50_000)} }}` } }), [/^spec\.target\.template\.data\[a\]: /])
  t.match(templated({ data: { a: `${'{{ if .x }}'.repeat(20_000)}` } }), [/^spec\.target\.template\.data\[a\]: /])
})

t.test('an edit through an older version keeps what that version cannot say', async (t) => {
  const stored = anExternalSecret({
    data: [
      { secretKey: 'a', remoteRef: { key: 'k', nullBytePolicy: 'Fail' } },
      { secretKey: 'b', remoteRef: { key: 'l' } },
    ],
    dataFrom: [{ extract: { key: 'x' } }, { find: { name: { regexp: '^y' } } }],
    target: { creationPolicy: 'CreateOrMerge' },
  })
  t.test('moved and changed items are recognised', async (t) => {
    const { object, foreign } = v1beta1Conversion.fromStorage(stored, undefined)
    const edited = anExternalSecret({
      ...specOf(object),
      data: [
        { secretKey: 'b', remoteRef: { key: 'l' } },
        { secretKey: 'a', remoteRef: { key: 'changed' } },
      ],
    })
    const written = specOf(v1beta1Conversion.toStorage(edited, foreign).object)
    t.same(written['data'], [
      { secretKey: 'b', remoteRef: { key: 'l' } },
      { secretKey: 'a', remoteRef: { key: 'changed', nullBytePolicy: 'Fail' } },
    ])
    t.same(written['target'], { creationPolicy: 'CreateOrMerge' })
  })
  t.test('a removed item takes what belonged to it along', async (t) => {
    const { object, foreign } = v1beta1Conversion.fromStorage(stored, undefined)
    const edited = anExternalSecret({ ...specOf(object), data: [{ secretKey: 'c', remoteRef: { key: 'k' } }] })
    const written = specOf(v1beta1Conversion.toStorage(edited, foreign).object)
    t.same(written['data'], [{ secretKey: 'c', remoteRef: { key: 'k' } }])
  })
  t.test('what the client sets itself wins', async (t) => {
    const { object, foreign } = v1beta1Conversion.fromStorage(stored, undefined)
    const edited = anExternalSecret({ ...specOf(object), target: { creationPolicy: 'Orphan' } })
    t.same(specOf(v1beta1Conversion.toStorage(edited, foreign).object)['target'], { creationPolicy: 'Orphan' })
  })
  t.test('entries that v1alpha1 does not know stay between those it knows', async (t) => {
    const { object, foreign } = v1alpha1Conversion.fromStorage(stored, undefined)
    t.same(specOf(object)['dataFrom'], [{ key: 'x' }])
    const edited = anExternalSecret({ ...specOf(object), dataFrom: [{ key: 'z' }] })
    t.same(specOf(v1alpha1Conversion.toStorage(edited, foreign).object)['dataFrom'], [
      { extract: { key: 'z' } },
      { find: { name: { regexp: '^y' } } },
    ])
  })
})

t.test('a conversion annotation that a client made up cannot put in what the schema refuses', async (t) => {
  const plain = anExternalSecret({ data })
  const leftovers = [
    { at: ['spec', 'target', 'creationPolicy'], value: 'Nonsense' },
    { at: ['spec', '__proto__', 'polluted'], value: true },
    { at: ['spec', 'unknown'], value: 'x' },
    { at: ['metadata', 'uid'], value: 'x' },
    { at: [], value: 'x' },
    { at: 'spec', index: -1 },
    { at: ['spec', 'data'], index: 1e9, item: 'x' },
    null,
  ]
  for (const leftover of leftovers) {
    const written = v1beta1Conversion.toStorage(plain, { leftovers: [leftover] })
    t.same(written.object, plain, JSON.stringify(leftover))
  }
  t.equal(Object.getOwnPropertyDescriptor(Object.prototype, 'polluted'), undefined)
})

t.test('a conversion annotation as large as it may be takes no longer than its size asks for', async (t) => {
  const many = Array.from({ length: 3000 }, (_, index) => ({ secretKey: `k${index}`, remoteRef: { key: 'k' } }))
  const step = (index: number) => [0, `secretKey=k${index}`]
  const leftovers = many.map((_, index) => ({
    at: ['spec', 'data', step(index), 'remoteRef', 'nullBytePolicy'],
    value: 'Fail',
  }))
  const { object } = v1beta1Conversion.toStorage(anExternalSecret({ data: many }), { leftovers })
  t.match(specOf(object)['data'], { 2999: { remoteRef: { key: 'k', nullBytePolicy: 'Fail' } } })
})

t.test('a template of v1alpha1 that names no engine is one of the engine that is gone', async (t) => {
  const sent = anExternalSecret({ data, target: { template: { data: { a: '{{ .a }}' } } } })
  const { object } = v1alpha1Conversion.toStorage(sent, undefined)
  t.match(refusals({ spec: specOf(object) }), [/engine v1 is no longer served/])
})

t.test('the time in the table is the one in memory where there is one', async (t) => {
  const object = { ...anExternalSecret({ data }), status: { refreshTime: '2026-01-01T00:00:00Z' } }
  const cells = (lastSync: string | undefined) =>
    columns.map(({ name, value }) => [name, value(object, { lastSyncTime: () => lastSync })] as const)
  t.same(Object.fromEntries(cells('2026-01-01T00:30:00Z'))['Last Sync'], '2026-01-01T00:30:00Z')
  t.same(Object.fromEntries(cells(undefined))['Last Sync'], '2026-01-01T00:00:00Z')
})

t.test('field selectors see defaults by their text, and the Ready condition', async (t) => {
  const fieldsOf = (object: KubeObject) =>
    Object.fromEntries(selectableFields.map(({ path, value }) => [path, value(withDefaults(externalSecretV1, object))]))
  t.strictSame(fieldsOf(anExternalSecret({ data, secretStoreRef: { name: 'vault' } })), {
    'spec.secretStoreRef.name': 'vault',
    'spec.secretStoreRef.kind': 'SecretStore',
    'spec.target.name': 'es',
    'spec.refreshInterval': '1h0m0s',
    'spec.refreshPolicy': 'Periodic',
    'status.conditions.Ready.status': '',
    'status.conditions.Ready.reason': '',
  })
  const spec = {
    data,
    refreshInterval: '5m',
    refreshPolicy: 'OnChange',
    secretStoreRef: { name: 'all', kind: 'ClusterSecretStore' },
    target: { name: 'other' },
  }
  const conditions = [
    { type: 'Deleted', status: 'True', reason: 'Gone' },
    { type: 'Ready', status: 'False', reason: 'SecretSyncedError' },
  ]
  t.strictSame(fieldsOf({ ...anExternalSecret(spec), status: { conditions } }), {
    'spec.secretStoreRef.name': 'all',
    'spec.secretStoreRef.kind': 'ClusterSecretStore',
    'spec.target.name': 'other',
    'spec.refreshInterval': '5m',
    'spec.refreshPolicy': 'OnChange',
    'status.conditions.Ready.status': 'False',
    'status.conditions.Ready.reason': 'SecretSyncedError',
  })
})

function intervalCase(text: string): readonly [string, JsonObject, readonly string[]] {
  const detail = 'must be a duration such as 30s, 15m or 1h30m; 0s asks the provider once'
  return [
    `interval ${text}`,
    { data, refreshInterval: text },
    [`spec.refreshInterval: Invalid value: "${text}": ${detail}`],
  ]
}

function anExternalSecret(spec: JsonObject): KubeObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'es', namespace: 'ns' },
    spec,
  }
}

function specOf(object: KubeObject): JsonObject {
  return object['spec'] as JsonObject
}

function refusals(members: { readonly spec?: unknown }): readonly string[] {
  const object: KubeObject = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: {}, ...members }
  const { errors } = checkExternalSecret(withDefaults(externalSecretV1, object))
  return errors.map(({ field, message }) => `${field}: ${message}`)
}
