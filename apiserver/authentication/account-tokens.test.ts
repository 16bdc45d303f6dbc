import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { AccountTokens } from './account-tokens.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const deployer = { namespace: 'a', name: 'deployer', audiences: [], expirationSeconds: 600 }

function tokensOf(accounts: Map<string, string>, clock = new ManualClock(), key = privateKey): AccountTokens {
  const uidOf = async ({ namespace, name }: { namespace: string; name: string }) => accounts.get(`${namespace}/${name}`)
  return new AccountTokens({ key, clock, newId: () => 'id', uidOf })
}

function shown(token: string) {
  const header = (name: string) => (name === 'authorization' ? [`Bearer ${token}`] : [])
  return { header, headerNames: () => ['authorization'], rawHeaders: [], certificate: undefined }
}

t.test('a token is its account, for its audience, as long as it is valid', async (t) => {
  const clock = new ManualClock()
  const accounts = new Map([['a/deployer', 'uid-1']])
  const tokens = tokensOf(accounts, clock)
  const { token, audiences, expiresAtMs } = await tokens.issue(deployer)
  t.equal(expiresAtMs, Math.floor(clock.now() / 1000) * 1000 + 600_000)
  t.match(await tokens.authenticate(shown(token)), {
    name: 'system:serviceaccount:a:deployer',
    uid: 'uid-1',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
  })
  t.same((await tokens.review(token))?.audiences, audiences)
  const vault = await tokens.issue({ ...deployer, audiences: ['vault'] })
  t.equal(await tokens.authenticate(shown(vault.token)), 'refused', 'for somebody else')
  t.same((await tokens.review(vault.token, ['x', 'vault']))?.audiences, ['vault'])
  await clock.advance(600_000)
  t.equal(await tokens.review(token), undefined, 'over')
})

t.test('a token ends with its account, and another of the same name has no use for it', async (t) => {
  const accounts = new Map([['a/deployer', 'uid-1']])
  const tokens = tokensOf(accounts)
  const { token } = await tokens.issue(deployer)
  accounts.set('a/deployer', 'uid-2')
  t.equal(await tokens.authenticate(shown(token)), 'refused')
  accounts.clear()
  t.equal(await tokens.authenticate(shown(token)), 'refused')
  await t.rejects(tokens.issue(deployer), { code: 404 })
})

t.test('what this key has not signed, as it stands, means nobody', async (t) => {
  const tokens = tokensOf(new Map([['a/deployer', 'uid-1']]))
  const { token } = await tokens.issue(deployer)
  const [head = '', body = '', signature = ''] = token.split('.')
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
  const root = encoded({ ...claims, 'kubernetes.io': { namespace: 'b', serviceaccount: { name: 'root', uid: 'u' } } })
  const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const strange = await tokensOf(new Map([['a/deployer', 'uid-1']]), new ManualClock(), other).issue(deployer)
  const forged = [
    `${head}.${root}.${signature}`,
    `${encoded({ alg: 'none', typ: 'JWT' })}.${body}.`,
    `${encoded({ alg: 'HS256', typ: 'JWT' })}.${body}.${signature}`,
    `${head}.${body}.`,
    `${token}.x`,
    strange.token,
  ]
  for (const each of forged) {
    t.equal(await tokens.review(each), undefined, each)
    t.equal(await tokens.authenticate(shown(each)), 'refused')
  }
  for (const each of ['static', 'a.b.c', `${head}.${encoded({ iss: 'https://example.com' })}.x`, `${head}.bnVsbA.x`]) {
    t.equal(await tokens.authenticate(shown(each)), undefined, 'for others to judge')
    t.equal(await tokens.review(each), undefined)
  }
})
