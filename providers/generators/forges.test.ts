import t from 'tap'
import { apiStandIn as standIn, canary, fails, signedClaims, standInNow } from '../../test/support/api-stand-in.ts'

const now = Math.floor(standInNow / 1000)

const ofSecret = (key: string) => ({ name: 'credentials', key })

t.test('GithubAccessToken: a JWT of the app buys a token of the installation', async (t) => {
  const auth = { privateKey: { secretRef: ofSecret('rsa') } }
  const spec = { appID: '12', installID: '34', auth }
  const github = await standIn(t, () => [201, { token: `ghs_${canary}`, expires_at: '2030-01-01T00:00:00Z' }])
  t.same(await github.generated('GithubAccessToken', spec), { token: `ghs_${canary}` })
  const [call] = github.calls
  t.match(call, { method: 'POST', url: 'https://api.github.com/app/installations/34/access_tokens', body: '' })
  t.match(call?.headers, { accept: 'application/vnd.github.v3+json', 'user-agent': /./ })
  const claims = signedClaims(/^Bearer (.*)$/.exec(call?.headers.authorization ?? '')?.[1])
  t.same(claims, { iss: '12', iat: now - 10, exp: now + 300 })
  const narrow = { url: 'https://ghe.example.com/api/v3/', repositories: ['app'], permissions: { contents: 'read' } }
  await github.generated('GithubAccessToken', { ...spec, ...narrow })
  t.equal(github.calls[1]?.url, 'https://ghe.example.com/api/v3/app/installations/34/access_tokens')
  t.same(JSON.parse(github.calls[1]?.body ?? ''), { repositories: ['app'], permissions: { contents: 'read' } })
  const wrong = { ...spec, auth: { privateKey: { secretRef: ofSecret('token') } } }
  const message = 'auth.privateKey: there is no RSA private key in PEM in it'
  await t.rejects(github.generated('GithubAccessToken', wrong), { code: 'auth-failed', message })
  await t.rejects(github.generated('GithubAccessToken', { ...spec, installID: '..' }), { code: 'invalid-ref' })
  t.equal(github.calls.length, 2)
  await fails(t, 'GithubAccessToken', spec)
})
