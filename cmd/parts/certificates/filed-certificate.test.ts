import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { keyPairFiles } from '../../../apiserver/certificates/certificate-files.ts'
import { SelfMadeCertificates } from '../../../apiserver/certificates/self-made.ts'
import { systemClock as clock } from '../../../base/clock.ts'
import { serve } from '../../serve.ts'
import { parseOptions } from '../../options.ts'
import { certificatePaths, filedCertificate } from './filed-certificate.ts'

t.test('a certificate of somebody else is served from its files, and again when they are replaced', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'filed-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const made = async (name: string) => {
    const pairs = keyPairFiles(join(directory, name))
    const authority = await SelfMadeCertificates.open({ pairs, clock, authorityDays: 10, leafDays: 5 })
    return { pair: await authority.serving(['server.example']), authorityPem: authority.authorityCertificate }
  }
  const [one, other] = [await made('one'), await made('other')]
  const flags = ['cert', 'private-key', 'ca'].map((name) => `--tls-${name}-file=${join(directory, name)}`)
  const paths = certificatePaths(parseOptions(['--aggregated', '--certificates=files', ...flags], {}))
  await t.rejects(filedCertificate(paths), { name: 'UsageError' })
  const put = (name: string, pem: string): void => writeFileSync(join(directory, name), pem)
  put('cert', one.pair.certificatePem)
  put('private-key', one.pair.keyPem)
  put('ca', '')
  await t.rejects(filedCertificate(paths), { name: 'UsageError' }, 'nobody could be told whom to trust')
  put('ca', one.authorityPem)
  const filed = await filedCertificate(paths)
  t.same(await filed.serving(), one.pair)
  t.equal(filed.authorityCertificate, one.authorityPem)

  put('cert', other.pair.certificatePem)
  t.same(await filed.serving(), one.pair, 'a certificate without its key is being replaced')
  rmSync(join(directory, 'ca'))
  put('private-key', other.pair.keyPem)
  t.same(await filed.serving(), one.pair)
  put('ca', other.authorityPem)
  t.same(await filed.serving(), other.pair)
  t.equal(filed.authorityCertificate, other.authorityPem)
})

t.test('files are for the one process behind a kube-apiserver', async (t) => {
  const terminal = { print: () => undefined, tell: () => undefined, interrupted: new Promise<'interrupted'>(() => {}) }
  await t.rejects(serve(['--certificates=files'], terminal), /needs --aggregated/)
  await t.rejects(serve(['--aggregated', '--serve=api', '--certificates=files'], terminal), /for --serve=all/)
})
