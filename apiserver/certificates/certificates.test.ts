import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type Clock, systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import { renewServing } from './renewal.ts'
import { keyPairFiles } from './certificate-files.ts'
import { SelfMadeCertificates } from './self-made.ts'

const dayMs = 86_400_000

/** The system's clock, set forward; it waits for nobody. */
function clockAfter(days: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + days * dayMs, sleep: () => Promise.resolve() }
}

function open(directory: string, days = 0): Promise<SelfMadeCertificates> {
  const pairs = keyPairFiles(directory)
  return SelfMadeCertificates.open({ pairs, clock: clockAfter(days), authorityDays: 3650, leafDays: 90 })
}

const hosts = ['localhost', '127.0.0.1', '::1', 'server.example']

t.test('certificates are made for their use, kept in private files and used again', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'pki-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const certificates = await open(directory)
  const authority = new X509Certificate(certificates.authorityCertificate)
  const pair = await certificates.serving(hosts)
  const serving = new X509Certificate(pair.certificatePem)
  t.ok(serving.checkIssued(authority) && serving.verify(authority.publicKey))
  t.ok(authority.ca)
  t.notOk(serving.ca)
  for (const host of ['localhost', 'server.example']) t.ok(serving.checkHost(host), host)
  for (const ip of ['127.0.0.1', '::1']) t.ok(serving.checkIP(ip), ip)
  t.same(serving.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  const client = new X509Certificate((await certificates.client('admin', ['system:masters', 'dev'])).certificatePem)
  t.equal(client.subject, 'O=system:masters\nO=dev\nCN=admin')
  t.same(client.keyUsage, ['1.3.6.1.5.5.7.3.2'])
  for (const name of ['ca', 'serving', 'client-admin']) {
    for (const kind of ['crt', 'key']) t.equal(statSync(join(directory, `${name}.${kind}`)).mode & 0o777, 0o600, name)
  }
  const peer = new X509Certificate((await certificates.peer(hosts)).certificatePem)
  t.same(peer.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'], 'a peer is a client, too')
  t.ok(peer.checkHost('server.example'))
  const again = await open(directory)
  t.equal(again.authorityCertificate, certificates.authorityCertificate)
  t.same(await again.serving(hosts), pair)
})

t.test('what is near its end, damaged, for other names or of another authority is made anew', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'pki-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const first = await (await open(directory)).serving(hosts)
  t.same(await (await open(directory, 59)).serving(hosts), first, 'two thirds of its life')
  t.notSame(await (await open(directory, 61)).serving(hosts), first, 'its last third')
  const other = await (await open(directory)).serving([...hosts, 'more.example'])
  t.notSame(other, first, 'a further name')
  t.same(await (await open(directory)).serving(hosts), other, 'fewer names')
  writeFileSync(join(directory, 'serving.crt'), 'nonsense')
  const repaired = await (await open(directory)).serving(hosts)
  t.ok(new X509Certificate(repaired.certificatePem).checkHost('localhost'))
  rmSync(join(directory, 'ca.key'))
  const anew = await open(directory)
  const serving = new X509Certificate((await anew.serving(hosts)).certificatePem)
  t.ok(serving.verify(new X509Certificate(anew.authorityCertificate).publicKey))
})

t.test('an authority near its end is followed by one that was made known before it signs', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'pki-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  let nowMs = systemClock.now()
  const clock = { ...systemClock, now: () => nowMs, sleep: () => Promise.resolve() }
  const options = { pairs: keyPairFiles(directory), clock, authorityDays: 30, leafDays: 15 }
  const certificates = await SelfMadeCertificates.open({ ...options, isFollowed: true })
  const beside = await SelfMadeCertificates.open({ ...options, isFollowed: true })
  const fixed = await SelfMadeCertificates.open(options)
  const first = certificates.authorityCertificate
  await certificates.serving(hosts)
  nowMs += 15 * dayMs
  const { certificatePem } = await certificates.serving(hosts)
  t.equal(certificates.authorityCertificate, first)

  nowMs += 6 * dayMs
  t.equal((await certificates.serving(hosts)).certificatePem, certificatePem, 'the one before signs still')
  const told = certificates.authorityCertificate
  t.ok(told.startsWith(first.trim()))
  t.equal(told.match(/BEGIN CERTIFICATE/g)?.length, 2, 'and whoever trusts it is told of the next')
  await certificates.serving(hosts)
  t.equal(certificates.authorityCertificate, told, 'once')

  nowMs += 600_000
  const after = new X509Certificate((await certificates.serving(hosts)).certificatePem)
  const next = new X509Certificate(certificates.authorityCertificate)
  t.ok(after.verify(next.publicKey))
  t.notSame(certificates.authorityCertificate, first)
  t.ok(told.includes(certificates.authorityCertificate.trim()), 'it is the one that was told of')
  t.ok(Date.parse(next.validTo) > nowMs + 29 * dayMs)

  t.equal((await beside.serving(hosts)).certificatePem, (await certificates.serving(hosts)).certificatePem)
  t.equal(beside.authorityCertificate, certificates.authorityCertificate, 'another process takes it over')
  await fixed.client('somebody', [])
  t.equal(fixed.authorityCertificate, first, 'who is known by hand keeps it until it starts again')
})

t.test('a pair that is being replaced is not taken for a damaged one', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'pki-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const path = { certificate: join(directory, 'serving.crt'), key: join(directory, 'serving.key') }
  const certificates = await open(directory)
  const replacement = await certificates.serving(hosts)
  rmSync(path.certificate)
  const before = await certificates.serving(hosts)
  t.notSame(before, replacement)
  writeFileSync(path.key, replacement.keyPem)
  const sleep = async (): Promise<void> => writeFileSync(path.certificate, replacement.certificatePem)
  const clock = { ...systemClock, sleep }
  const reader = await SelfMadeCertificates.open({
    pairs: keyPairFiles(directory),
    clock,
    authorityDays: 3650,
    leafDays: 90,
  })
  t.same(await reader.serving(hosts), replacement)
})

t.test('a new certificate is handed on, and a failure to read one changes nothing', async (t) => {
  const pair = (name: string) => ({ certificatePem: name, keyPem: name })
  const found = [() => pair('a'), () => pair('b'), () => Promise.reject(new Error('unreadable')), () => pair('c')]
  const used: string[] = []
  const ended = new AbortController()
  let count = 0
  const clock: Clock = {
    ...systemClock,
    sleep: async () => {
      if (count === found.length) ended.abort()
      ended.signal.throwIfAborted()
    },
  }
  const current = async () => (found[count++] ?? found[0])?.() ?? pair('')
  const use = ({ certificatePem }: { certificatePem: string }): void => void used.push(certificatePem)
  await renewServing({ clock, log: silentLogger, periodMs: 1, first: pair('a'), current, use }, ended.signal)
  t.same(used, ['b', 'c'])
})
