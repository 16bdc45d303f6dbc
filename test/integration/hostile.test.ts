import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { writePrivately } from '../../apiserver/certificates/certificate-files.ts'
import { openDataDirectory } from '../../cmd/parts/data-directory.ts'
import type { ApiClient } from '../support/api-client.ts'
import { ServerProcess } from '../support/server-process.ts'

const group = '/apis/external-secrets.io'
const odd = [
  '__proto__',
  'constructor',
  '',
  '..',
  '%2e%2e',
  '%00',
  '%ff',
  '0',
  '-1',
  'null',
  'f:metadata',
  '\u0000',
  '{{x}}',
]

interface Target {
  readonly collection: string
  readonly name: string
  readonly body: object
}

const targets: readonly Target[] = [
  {
    collection: '/api/v1/namespaces/default/secrets',
    name: 's',
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', labels: { a: 'b' } }, data: { a: 'Yg==' } },
  },
  {
    collection: `${group}/v1/namespaces/default/externalsecrets`,
    name: 'e',
    body: {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: {
        name: 'e',
        finalizers: ['a/b'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'x', name: 'x', uid: 'u' }],
      },
      spec: {
        refreshInterval: '1h',
        secretStoreRef: { name: 'fake', kind: 'SecretStore' },
        data: [{ secretKey: 'k', remoteRef: { key: 'plain', property: 'a.#(x%"*")' } }],
        dataFrom: [{ find: { name: { regexp: '(a+)+$' } } }],
      },
    },
  },
  {
    collection: `${group}/v1beta1/namespaces/default/secretstores`,
    name: 'fake',
    body: {
      apiVersion: 'external-secrets.io/v1beta1',
      kind: 'SecretStore',
      metadata: { name: 'fake' },
      spec: { provider: { fake: { data: [{ key: 'plain', value: 'v' }] } } },
    },
  },
]

const queries = [
  'fieldValidation=Strict',
  'dryRun=x',
  'labelSelector=a%20in%20(b',
  `labelSelector=${'('.repeat(2000)}`,
  'fieldSelector=__proto__%3Dx',
  'limit=-1',
  'continue=AAAA',
  'resourceVersion=abc',
  'watch=1&timeoutSeconds=1&resourceVersion=x',
  'timeout=9e99h',
  '%=%',
]

const contentTypes = [
  'application/json',
  'application/yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'a/b;;;',
]

const headers: readonly Record<string, string>[] = [
  {},
  { accept: ';;;,,,q=x' },
  { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
  { accept: 'application/yaml' },
  { 'impersonate-user': 'u', 'impersonate-extra-__proto__': 'x' },
  { 'impersonate-user': 'u', 'impersonate-extra-%zz': 'x' },
  { authorization: `Basic ${'A'.repeat(5000)}` },
  { cookie: 'a=b' },
]

/** One seed, one run. */
class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  roll(): number {
    this.#state = (this.#state * 1_664_525 + 1_013_904_223) >>> 0
    return this.#state / 2 ** 32
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.roll() * from.length)] as T
  }

  /** The value with a few parts of it replaced by something that nobody expects there. */
  bent(value: unknown): unknown {
    if (this.roll() < 0.04) return this.pick<unknown>([null, true, -1, 1e21, [], {}, [[]], ...odd])
    if (Array.isArray(value)) return value.map((item) => this.bent(item))
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).map(([key, member]) => [
      this.roll() < 0.03 ? this.pick(odd) : key,
      this.bent(member),
    ])
    return Object.fromEntries(members) as unknown
  }

  body(target: Target, contentType: string): string | Buffer {
    if (this.roll() < 0.1) return Buffer.from(Array.from({ length: 200 }, () => Math.floor(this.roll() * 256)))
    const text = JSON.stringify(contentType.includes('json-patch') ? this.patch() : this.bent(target.body))
    return this.roll() < 0.1 ? text.slice(0, Math.floor(this.roll() * text.length)) : text
  }

  patch(): unknown {
    const path = (): string =>
      `/${[this.pick(['metadata', 'spec', 'x']), this.pick([...odd, 'labels', '-'])].join('/')}`
    return Array.from({ length: 3 }, () => ({
      op: this.pick(['add', 'remove', 'move', 'copy', 'test', 'x']),
      path: path(),
      from: path(),
      value: this.bent({ a: 1 }),
    }))
  }
}

async function bother(api: ApiClient, dice: Dice): Promise<number> {
  const target = dice.pick(targets)
  const method = dice.pick(['GET', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
  const end =
    dice.roll() < 0.8
      ? `/${target.name}`
      : dice.pick(['/%', '/%00', '//', '/..', '/e/status', '/s/__proto__', `/${'n'.repeat(5000)}`])
  const path =
    target.collection +
    (method === 'POST' ? '' : end) +
    (dice.roll() < 0.3 ? `?${dice.pick(queries)}` : '?fieldManager=f&force=true')
  const contentType = dice.pick(contentTypes)
  const hasBody = !['GET', 'OPTIONS'].includes(method)
  const { status, text } = await api.call(method, path, {
    contentType,
    headers: dice.roll() < 0.3 ? dice.pick(headers) : {},
    ...(hasBody && { body: dice.body(target, contentType) }),
  })
  // kube-apiserver answers 500 to a configuration of another shape, too.
  return text.includes('failed to create typed patch object') ? 422 : status
}

t.test('whatever is sent, the server answers it and goes on', async (t) => {
  await using server = await ServerProcess.start(['--storage-backend', 'memory', '-v', 'debug'])
  await using api = server.client()
  for (const { collection, body } of targets) t.equal((await api.post(collection, body)).status, 201)
  const dice = new Dice(20)
  const statuses = new Map<number, number>()
  for (let round = 0; round < 120; round += 1) {
    for (const status of await Promise.all(Array.from({ length: 8 }, () => bother(api, dice)))) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  t.same(
    [...statuses.keys()].filter((status) => status >= 500 && status !== 504),
    [],
    'nothing met it unprepared',
  )
  t.ok((statuses.get(200) ?? 0) > 20 && (statuses.get(422) ?? 0) + (statuses.get(400) ?? 0) > 20, 'of both sorts')
  t.notMatch(server.log, /unforeseen|met nobody|gave up|Warning/)
  t.equal((await api.get('/readyz')).status, 200)

  await t.test('and what is long keeps it busy for no longer than it is long', async (t) => {
    const es = targets[1]?.body as { readonly spec: object }
    const long = { name: 'long', namespace: 'default' }
    const digits = '9'.repeat(1_000_000)
    const owners = Array.from({ length: 20_000 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'x',
      name: 'x',
      uid: `u${index}`,
    }))
    const pattern = 'a.'.repeat(500_000)
    const find = [{ find: { name: { regexp: pattern } } }]
    const conditions = [{ namespaceRegexes: [pattern] }]
    const store = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: 'long' } }
    const bodies: readonly (readonly [string, string, object])[] = [
      [
        'a duration',
        targets[1]?.collection ?? '',
        { ...es, metadata: long, spec: { ...es.spec, refreshInterval: digits } },
      ],
      ['owners', targets[1]?.collection ?? '', { ...es, metadata: { ...long, ownerReferences: owners } }],
      [
        'a pattern to find',
        targets[1]?.collection ?? '',
        { ...es, metadata: { name: 'find' }, spec: { ...es.spec, dataFrom: find } },
      ],
      [
        'a pattern for namespaces',
        `${group}/v1/clustersecretstores`,
        { ...store, spec: { provider: { fake: { data: [] } }, conditions } },
      ],
    ]
    for (const [what, path, body] of bodies) {
      const begin = performance.now()
      await api.post(path, body)
      await api.get('/healthz')
      const tookMs = performance.now() - begin
      t.ok(tookMs < 5000, `${what}: ${Math.round(tookMs)} ms`)
    }
  })
})

t.test('files of others are neither written through nor shut', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [victim, file] = [join(folder, 'victim'), join(folder, 'key')]
  writeFileSync(victim, 'mine')
  symlinkSync(victim, `${file}.partial`)
  await writePrivately(file, 'a key')
  t.equal(readFileSync(victim, 'utf8'), 'mine', 'a link that lay in wait is not followed')
  t.equal(readFileSync(file, 'utf8'), 'a key')
  t.equal(statSync(file).mode & 0o777, 0o600)

  chmodSync(folder, 0o755)
  await t.rejects(openDataDirectory(folder), { name: 'UsageError' }, 'a directory that holds something else')
  t.equal(statSync(folder).mode & 0o777, 0o755)
  await openDataDirectory(join(folder, 'data'))
  t.ok(existsSync(join(folder, 'data')))
  t.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700)
})
