import { createPublicKey, sign, verify, createPrivateKey } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { systemClock } from '../../base/clock.ts'
import { createOutbound } from '../../base/http.ts'
import { silentLogger } from '../../base/log.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import { startOpenBao } from '../../test/support/openbao.ts'
import { skipWithout } from '../../test/support/peers.ts'
import { createReferences } from '../references.ts'
import { fromBase32, toBase32 } from './base32.ts'
import { loadGenerator } from './load.ts'
import { type GeneratorKind, generatorSchemas, specMember } from './specs.ts'

t.test('passwords have what was asked for, and no character twice', async (t) => {
  const text = (await generated(t, 'Password', {})).password ?? ''
  t.equal(text.length, 24)
  t.equal(text.replace(/[^0-9]/g, '').length, 6)
  t.equal(text.replace(/[0-9a-zA-Z]/g, '').length, 6)
  t.equal(new Set(text).size, 24)
  t.not(text, (await generated(t, 'Password', {})).password)
  const long = await generated(t, 'Password', { length: 64, digits: 40, symbols: 0, allowRepeat: true, noUpper: true })
  t.match(long.password, /^[a-z0-9]{64}$/)
  const own = await generated(t, 'Password', { length: 4, digits: 0, symbols: 4, symbolCharacters: '-_$@' })
  t.same([...(own.password ?? '')].sort(), ['$', '-', '@', '_'])
  t.same(Object.keys(await generated(t, 'Password', { secretKeys: ['a', 'b'] })), ['a', 'b'])
  const encodings = { base64: /^[\w+/]+=*$/, base64url: /^[\w-]+=*$/, base32: /^[A-Z2-7]+=*$/, hex: /^[0-9a-f]{48}$/ }
  for (const [encoding, form] of Object.entries(encodings)) {
    t.match((await generated(t, 'Password', { encoding })).password, form, encoding)
  }
})

t.test('passwords that cannot be are refused', async (t) => {
  const table: readonly (readonly [object, string])[] = [
    [{ length: 4, digits: 5 }, 'number of digits and symbols must be less than total length'],
    [{ length: 20, digits: 11, symbols: 0 }, 'number of digits exceeds available digits and repeats are not allowed'],
    [{ length: 60, digits: 0, symbols: 0 }, 'number of letters exceeds available letters and repeats are not allowed'],
    [{ symbolCharacters: '-' }, 'number of symbols exceeds available symbols and repeats are not allowed'],
    [{ secretKeys: ['a', 'a'] }, 'secretKeys must be unique'],
    [{ secretKeys: [''] }, 'secretKeys must not be empty'],
    [{ length: 1_000_000 }, 'length must be at most 100000'],
  ]
  for (const [spec, message] of table) {
    await t.rejects(generated(t, 'Password', spec), { name: 'ProviderError', message })
  }
})

t.test('pairs of SSH keys belong together', async (t) => {
  const table: readonly (readonly [object, string])[] = [
    [{ comment: 'me@here' }, 'ssh-rsa'],
    [{ keyType: 'rsa', keySize: 3072 }, 'ssh-rsa'],
    [{ keyType: 'ecdsa' }, 'ecdsa-sha2-nistp256'],
    [{ keyType: 'ecdsa', keySize: 521 }, 'ecdsa-sha2-nistp521'],
    [{ keyType: 'ed25519', comment: 'x' }, 'ssh-ed25519'],
  ]
  for (const [spec, name] of table) {
    const { privateKey = '', publicKey = '' } = await generated(t, 'SSHKey', spec)
    const [type, blob = '', comment] = publicKey.trim().split(' ')
    t.equal(type, name)
    t.equal(comment, 'comment' in spec ? spec.comment : undefined)
    const fields = fieldsOf(secretPartOf(privateKey, blob, t))
    t.equal(fields[0]?.toString(), name)
    if (name === 'ssh-rsa') t.ok(isRsaPair(fields))
    if (name === 'ssh-ed25519') t.ok(isEd25519Pair(fields))
  }
})

t.test('a one-time password is that of RFC 6238', async (t) => {
  const secret = { name: 'credentials', key: 'mfa' }
  const at = (when: string, more: object = {}) => generated(t, 'MFA', { secret, length: 8, when, ...more })
  t.same(await at('1970-01-01T00:00:59Z'), { token: '94287082', timeLeft: '1' })
  t.same(await at('2009-02-13T23:31:30Z'), { token: '89005924', timeLeft: '30' })
  t.match(await generated(t, 'MFA', { secret }), { token: /^\d{6}$/, timeLeft: /^\d+$/ })
  await t.rejects(at('1970-01-01T00:00:59Z', { length: 40 }), { message: 'length must be between 1 and 10' })
  for (const text of ['', 'f', 'foobar']) t.equal(Buffer.from(fromBase32(toBase32(Buffer.from(text)))).toString(), text)
  t.throws(() => fromBase32('1'), { code: 'invalid-value' })
})

t.test('what a webhook answers is poured; Secrets need their label', async (t) => {
  const seen: IncomingMessage[] = []
  const server = createServer((request, answer) => {
    seen.push(request)
    answer.end(JSON.stringify({ data: { token: 't', n: 5 } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const spec = { url, headers: { 'x-tok': '{{ .auth.hook }}' }, result: { jsonPath: '$.data' } }
  const secrets = (name: string) => [{ name: 'auth', secretRef: { name } }]
  t.same(await generated(t, 'Webhook', { ...spec, secrets: secrets('credentials') }), { token: 't', n: '5' })
  t.equal(seen[0]?.headers['x-tok'], 'abc')
  await t.rejects(generated(t, 'Webhook', { ...spec, secrets: secrets('unlabelled') }), { message: /needed label/ })
  await t.rejects(generated(t, 'Webhook', { ...spec, secrets: secrets('gone') }), { message: /"gone" not found$/ })
})

t.test('paths of Vault are read and written', { skip: skipWithout('openbao'), timeout: 60_000 }, async (t) => {
  await using openBao = await startOpenBao()
  await openBao.call('POST kv1/app', { user: 'u', n: 1.5, deep: { a: 1 } })
  const provider = { server: openBao.url, auth: { tokenSecretRef: { name: 'credentials', key: 'root' } } }
  const answer = (spec: object) => generated(t, 'VaultDynamicSecret', { provider, ...spec })
  t.same(await answer({ path: 'kv1/app' }), { user: 'u', n: '1.5', deep: '{"a":1}' })
  t.same(await answer({ path: 'kv1', method: 'LIST' }), { keys: '["app"]' })
  const token = await answer({
    path: 'auth/token/create',
    method: 'POST',
    parameters: { ttl: '1h' },
    resultType: 'Auth',
  })
  t.match(token, { client_token: /^.{20,}$/, lease_duration: '3600' })
  t.match(await answer({ path: 'kv1/app', resultType: 'Raw' }), { lease_duration: /^\d+$/, data: /"user":"u"/ })
  await t.rejects(answer({ path: 'kv1/new', method: 'POST', parameters: { a: 'b' } }), { message: /^empty response/ })
  t.same(await answer({ path: 'kv1/new', method: 'PUT', parameters: { a: 'c' }, allowEmptyResponse: true }), {})
  t.same(await answer({ path: 'kv1/new' }), { a: 'c' })
  await t.rejects(answer({ path: 'kv1/new', method: 'DELETE' }), { code: 'unsupported' })
  await t.rejects(answer({ path: '../sys/raw' }), { code: 'invalid-ref' })
})

t.test('the names of specs in a ClusterGenerator', async (t) => {
  const kinds: readonly GeneratorKind[] = ['ACRAccessToken', 'Fake', 'SSHKey', 'UUID', 'VaultDynamicSecret']
  t.same(kinds.map(specMember), ['acrAccessTokenSpec', 'fakeSpec', 'sshKeySpec', 'uuidSpec', 'vaultDynamicSecretSpec'])
})

async function generated(t: Test, kind: GeneratorKind, spec: object): Promise<Record<string, string>> {
  const generator = await loadGenerator(kind)
  if (!('generate' in generator)) throw new Error(`what ${kind} makes lasts`)
  const limits = { timeoutMs: 5000, responseBytesMax: 100_000, connectionsMax: 4, identitiesMax: 8 }
  const outbound = createOutbound({ ...limits, allowedNetworks: ['127.0.0.0/8'] })
  t.teardown(() => outbound[Symbol.asyncDispose]())
  const texts = { root: 'root', hook: 'abc', mfa: toBase32(Buffer.from('12345678901234567890')) }
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  )
  const references = createReferences({
    store: { kind: 'SecretStore', namespace: 'apps' },
    readSecret: async ({ namespace, name }) => {
      if (namespace !== 'apps' || name === 'gone') return undefined
      const labels = name === 'credentials' ? { 'external-secrets.io/type': 'webhook' } : {}
      return { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels }, data }
    },
    readConfigMap: async () => undefined,
  })
  const context = { references, namespace: 'apps', outbound, clock: systemClock, log: silentLogger }
  const signal = AbortSignal.timeout(20_000)
  const values = await generator.generate(withDefaults(generatorSchemas[kind], spec), { ...context, signal })
  return Object.fromEntries([...values].map(([key, value]) => [key, Buffer.from(value).toString()]))
}

/** Checks the frame of an OpenSSH key file, and answers what is in it after the two equal check numbers. */
function secretPartOf(file: string, publicBlob: string, t: Test): Buffer {
  const [, base64 = ''] =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\n([^-]+)-----END OPENSSH PRIVATE KEY-----\n$/.exec(file) ?? []
  const bytes = Buffer.from(base64, 'base64')
  t.equal(bytes.subarray(0, 15).toString(), 'openssh-key-v1\0')
  const [cipher, kdf, options, rest] = [...fieldsOf(bytes.subarray(15), 3), bytes.subarray(15 + 8 + 8 + 4)]
  t.same([cipher?.toString(), kdf?.toString(), options?.length], ['none', 'none', 0])
  const [shown, secret = Buffer.alloc(0)] = fieldsOf((rest ?? bytes).subarray(4))
  t.equal(shown?.toString('base64'), publicBlob)
  t.equal(secret.length % 8, 0)
  t.same(secret.subarray(0, 4), secret.subarray(4, 8))
  return secret.subarray(8)
}

function fieldsOf(bytes: Buffer, countMax = 20): readonly Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length && fields.length < countMax; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) break
    fields.push(bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}

function isRsaPair([, n, e, d, qi, p, q]: readonly Buffer[]): boolean {
  const part = (bytes: Buffer = Buffer.alloc(0)) => BigInt(`0x${bytes.toString('hex')}`)
  const modulo = (number: bigint, by: bigint) => ((number % by) + by) % by
  const [P, Q] = [part(p), part(q)]
  return P * Q === part(n) && modulo(part(e) * part(d), P - 1n) === 1n && modulo(part(qi) * Q, P) === 1n
}

function isEd25519Pair([, x = Buffer.alloc(0), both = Buffer.alloc(0)]: readonly Buffer[]): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }
  const key = createPrivateKey({ key: { ...jwk, d: both.subarray(0, 32).toString('base64url') }, format: 'jwk' })
  const message = Buffer.from('message')
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), sign(null, message, key))
}
