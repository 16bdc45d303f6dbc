import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { SelfMadeCertificates } from '../apiserver/certificates/self-made.ts'
import { systemClock } from '../base/clock.ts'
import { Metrics } from '../base/metrics.ts'
import { pinoLog } from '../base/pino-log.ts'
import { Shutdown } from '../base/shutdown.ts'
import { decodeYaml } from '../machinery/yaml.ts'
import { ApiClient } from '../test/support/api-client.ts'
import { ServerProcess } from '../test/support/server-process.ts'
import { Silence } from '../test/support/silence.ts'
import { until } from '../test/support/until.ts'
import { UsageError } from './errors.ts'
import { growthPercent } from './parts/heap-growth.ts'
import { flagsPage, serveHelp } from './help.ts'
import { certificateOptions, listenAddress, outboundOptions, servingHosts } from './parts/limits.ts'
import { parseOptions } from './options.ts'
import { wire } from './wire.ts'

const main = join(import.meta.dirname, 'main.js')

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function program(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (bytes) => (stdout += String(bytes)))
  child.stderr.on('data', (bytes) => (stderr += String(bytes)))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

t.test('flags become one frozen set of options', async (t) => {
  const options = parseOptions(['--standalone', '--concurrent', '8', '--event-ttl=10m', '-v', 'debug'], {})
  t.match(options, { standalone: true, concurrent: 8, eventTtl: 600_000, loglevel: 'debug', storageBackend: 'lmdb' })
  t.ok(Object.isFrozen(options))
  t.equal(parseOptions(['--standalone=false'], {}).standalone, false)
  t.equal(parseOptions(['--concurrent', '8', '--concurrent', '9'], {}).concurrent, 9, 'the last one counts')
  t.equal(parseOptions([], { EXTERNAL_SECRETS_CONCURRENT: '7' }).concurrent, 7)
  t.equal(parseOptions(['--concurrent', '8'], { EXTERNAL_SECRETS_CONCURRENT: '7' }).concurrent, 8)
  t.same(parseOptions(['--tls-san', 'a.example, b.example'], {}).tlsSan, ['a.example', 'b.example'])
})

t.test('what is no flag, or no value of one, is refused in a sentence', async (t) => {
  const wrong = [
    ['--nothing'],
    ['serve'],
    ['--concurrent', 'many'],
    ['--concurrent', '-1'],
    ['--event-ttl', '10'],
    ['--event-ttl=-1s'],
    ['--storage-backend', 'etcd'],
    ['--standalone=perhaps'],
  ]
  for (const args of wrong) t.throws(() => parseOptions(args, {}), { name: 'UsageError' }, args.join(' '))
  t.throws(
    () => parseOptions(['--concurrent', 'many'], {}),
    new UsageError('--concurrent: "many" is not a whole number'),
  )
})

t.test('addresses', async (t) => {
  const at = (listen: string) => listenAddress(parseOptions(['--listen', listen], {}))
  t.same(at('127.0.0.1:0'), { host: '127.0.0.1', port: 0 })
  t.same(at('[::1]:6443'), { host: '::1', port: 6443 })
  t.same(at(':6443'), { host: '0.0.0.0', port: 6443 })
  for (const listen of ['127.0.0.1', '::1:6443', 'host:port', 'host:70000'])
    t.throws(() => at(listen), { name: 'UsageError' }, listen)
  const hosts = servingHosts(parseOptions(['--listen', '0.0.0.0:1', '--tls-san', 'x.example'], {}))
  t.same(hosts, ['localhost', '127.0.0.1', '::1', 'x.example'])
  t.throws(() => outboundOptions(parseOptions(['--provider-endpoints', 'broken'], {})), { name: 'UsageError' })
})

t.test('every flag is documented, and docs/flags.md is what the table says', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/flags.md'), 'utf8')
  t.equal(page, flagsPage())
  for (const name of ['--data-dir DIR', '--storage-backend lmdb|memory', '-v, --loglevel', '(default 1m0s)']) {
    t.ok(serveHelp().includes(name), name)
  }
})

t.test('the program answers with exit codes and sentences', async (t) => {
  t.match(await program('version'), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ })
  t.match(await program('serve', '--help'), { code: 0, stdout: /--standalone/ })
  t.match(await program('--help'), { code: 0, stdout: /quickstart/ })
  t.match(await program(), { code: 2, stderr: /serve --standalone/ })
  t.match(await program('unknown'), { code: 2 })
  t.match(await program('serve', '--bogus'), { code: 2, stderr: /--bogus/ })
  t.match(await program('serve'), { code: 2, stderr: /either --standalone or --aggregated/ })
  const apart = await program('serve', '--serve=api', '--standalone')
  t.match(apart, { code: 2, stderr: /--serve=api needs --aggregated/ })
})

t.test('an uncaught error is told without its words, and ends the process only when it was thrown', async (t) => {
  const lastWords = join(import.meta.dirname, 'last-words.js')
  const script = (act: string): string =>
    `import { tellLastWords } from ${JSON.stringify(lastWords)}; ` +
    `tellLastWords((text) => process.stderr.write(text)); ` +
    `setTimeout(() => console.log('goes on'), 50); ${act}`
  const run = (act: string): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script(act)], { encoding: 'utf8' })
  const rejected = run(`void Promise.reject(new TypeError('canary'))`)
  t.match(rejected, { status: 0, stdout: 'goes on\n', stderr: /"origin":"unhandledRejection","name":"TypeError"/ })
  const thrown = run(`process.nextTick(() => { throw new RangeError('canary') })`)
  t.match(thrown, { status: 1, stdout: '', stderr: /"name":"RangeError"/ })
  t.notMatch(rejected.stderr + thrown.stderr, 'canary')
})

t.test('what keeps a server from starting is said in a sentence', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cmd-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const start = (...flags: string[]) =>
    program('serve', '--standalone', '--data-dir', join(folder, 'data'), '--listen', '127.0.0.1:0', ...flags)
  const tokens = join(folder, 'tokens.csv')
  writeFileSync(tokens, 'canary-token\n')
  const refused = await start('--token-auth-file', tokens)
  t.match(refused, { code: 1, stderr: /token-file: line 1/ })
  t.notMatch(refused.stderr, 'canary')
  t.match(await start('--token-auth-file', join(folder, 'missing')), { code: 1, stderr: /not there/ })

  await using running = await ServerProcess.start()
  const port = new URL(running.client().server).port
  t.match(await start('--listen', `127.0.0.1:${port}`), { code: 1, stderr: /in use/ })
  t.match(await program('serve', '--standalone', '--data-dir', running.dataDir, '--listen', '127.0.0.1:0'), {
    code: 1,
    stderr: /locked/,
  })
})

t.test('a server that is starting answers probes and discovery, and the rest with 503', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cmd-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const options = parseOptions(['--standalone', '--data-dir', folder, '--storage-backend', 'memory'], {})
  const log = pinoLog({ level: 'error', descriptor: 2 })
  const shutdown = new Shutdown({ clock: systemClock, log, stepTimeoutMs: 20_000 })
  const { signal: interrupted } = new AbortController()
  const running = await wire({ options, clock: systemClock, log, metrics: new Metrics(), shutdown, interrupted })
  const url = await running.server.listen('127.0.0.1', 0)
  const certificates = await SelfMadeCertificates.open(certificateOptions(options, systemClock))
  const { certificatePem: cert, keyPem: key } = await certificates.client('admin', ['system:masters'])
  await using api = new ApiClient(url, { ca: certificates.authorityCertificate, cert, key })
  const namespaces = '/api/v1/namespaces'
  for (const answer of [
    await api.get(namespaces),
    await api.get(`${namespaces}?watch=true`),
    await api.post(namespaces, {}),
  ]) {
    t.match(answer, { status: 503, json: { kind: 'Status', reason: 'ServiceUnavailable' } })
    t.equal(answer.headers['retry-after'], '1')
  }
  t.match(await api.get('/readyz'), { status: 500, text: '[-]startup failed: reason withheld\n' })
  for (const path of ['/livez', '/version', '/api/v1']) t.equal((await api.get(path)).status, 200, path)
  await running.open()
  t.equal((await api.get('/readyz')).text, 'ok')
  t.equal((await api.get(`${namespaces}/default`)).status, 200)
  await shutdown.end()
})

t.test('a server writes its kubeconfig for the owner alone, keeps its identity, and ends in order', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cmd-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const dataDir = join(folder, 'data')
  const authorityOf = async (server: ServerProcess): Promise<unknown> => {
    t.equal(statSync(server.kubeconfig).mode & 0o777, 0o600)
    t.equal(statSync(dataDir).mode & 0o777, 0o700)
    const config = decodeYaml(readFileSync(server.kubeconfig, 'utf8')) as {
      clusters: { cluster: Record<string, string> }[]
    }
    return config.clusters[0]?.cluster['certificate-authority-data']
  }
  const first = await ServerProcess.start([], { dataDir })
  const authority = await authorityOf(first)
  t.equal((await first.client().get('/readyz')).text, 'ok')
  t.equal(await first.kill('SIGTERM'), 0)
  const second = await ServerProcess.start([], { dataDir })
  t.equal(await authorityOf(second), authority)
  t.equal(await second.kill('SIGINT'), 0)
})

t.test('the Secrets of one namespace are granted to the server, and those of no other', async (t) => {
  await using server = await ServerProcess.start()
  await using api = server.client()
  const grant = (...words: string[]) => program('grant', ...words, '--kubeconfig', server.kubeconfig)
  t.match(await grant(), { code: 2, stderr: /^grant takes a namespace/ })
  t.match(await grant('nowhere'), { code: 1, stderr: /^grant: .*404 NotFound/ })
  t.match(await grant('default'), { code: 0, stdout: /may list and watch the Secrets of default/, stderr: '' })
  t.match(await grant('default'), { code: 0 }, 'it may be run again')
  const may = async (verb: string, namespace: string): Promise<unknown> => {
    const user = 'system:serviceaccount:external-secrets:external-secrets-apiserver'
    const spec = { user, resourceAttributes: { verb, resource: 'secrets', namespace } }
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
    return (await api.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', body)).json['status']?.['allowed']
  }
  await until(async () => (await may('watch', 'default')) === true)
  t.same(
    [await may('list', 'default'), await may('get', 'default'), await may('list', 'kube-system')],
    [true, false, false],
  )
})

t.test('a process ends when it is told to, whoever does not answer it, and calls nothing a failure', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'silence-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  await using server = await ServerProcess.start([], { dataDir: join(folder, 'data') })
  await using silence = await Silence.open()
  const kubeconfig = join(folder, 'silent')
  const address = `127.0.0.1:${silence.port}`
  writeFileSync(kubeconfig, readFileSync(server.kubeconfig, 'utf8').replace(/127\.0\.0\.1:\d+/, address))
  const out = join(folder, 'snapshot')

  await t.test('a command', async (t) => {
    for (const [command, code] of Object.entries({ doctor: 130, recover: 130, uninstall: 130, snapshot: 1 })) {
      const count = silence.count
      const child = spawn(process.execPath, [main, command, '--kubeconfig', kubeconfig, '--out', out])
      const ended = once(child, 'exit')
      await until(async () => silence.count > count)
      child.kill('SIGINT')
      t.same(await ended, [code, null], command)
    }
    t.notOk(existsSync(`${out}.partial`))
  })

  await t.test('a server', async (t) => {
    await using api = server.client()
    const apiVersion = 'external-secrets.io/v1'
    const at = `/apis/${apiVersion}/namespaces/default`
    const provider = { webhook: { url: `http://${address}/{{ .remoteRef.key }}`, result: {} } }
    const data = [{ secretKey: 'a', remoteRef: { key: 'a' } }]
    const count = silence.count
    await api.post(`${at}/secretstores`, {
      apiVersion,
      kind: 'SecretStore',
      metadata: { name: 's' },
      spec: { provider },
    })
    await api.post(`${at}/externalsecrets`, {
      apiVersion,
      kind: 'ExternalSecret',
      metadata: { name: 'e' },
      spec: { secretStoreRef: { name: 's' }, data },
    })
    await until(async () => silence.count > count)
    const begunMs = performance.now()
    t.equal(await server.kill('SIGTERM'), 0)
    t.ok(performance.now() - begunMs < 10_000, 'long before the provider would have been given up')
    t.notMatch(server.log, /"level":"(warn|error)"/)
  })
})

t.test('the quickstart ends with a synced Secret, and again on what it left', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'quickstart-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const round of ['first', 'second']) {
    const { code, stdout, stderr } = await program(
      'quickstart',
      '--once',
      '--data-dir',
      folder,
      '--listen',
      '127.0.0.1:0',
    )
    t.equal(code, 0, `${round}: ${stderr}`)
    t.match(stdout, /Secret keys host, password, token, user\n/)
    t.notMatch(stdout + stderr, /not-a-real|db\.example/, 'keys and never values')
  }
})

t.test('a small heap may hold more garbage for what lives than a large one', (t) => {
  const mib = 1024 * 1024
  t.equal(growthPercent(50, 20 * mib), 150)
  t.equal(growthPercent(50, 48 * mib), 100)
  t.equal(growthPercent(50, 500 * mib), 50)
  t.equal(growthPercent(200, 20 * mib), 200)
  t.end()
})
