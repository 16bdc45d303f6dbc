import t, { type Test } from 'tap'
import {
  type Answer,
  apiStandIn as standIn,
  asked,
  base64,
  canary,
  fails,
  signedClaims,
  standInNow,
  texts,
  unsignedJwt,
} from '../../test/support/api-stand-in.ts'
import type { GeneratorKind } from './specs.ts'

const now = Math.floor(standInNow / 1000)

const ofSecret = (key: string) => ({ name: 'credentials', key })
const serviceAccountRef = { name: 'builder', audiences: ['registry'] }

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

t.test('GitlabDeployToken: a new token of a project or group', async (t) => {
  const spec = {
    projectID: 'my/app',
    name: 'pull',
    scopes: ['read_registry'],
    auth: { token: { secretRef: ofSecret('token') } },
  }
  const gitlab = await standIn(t, () => [201, { id: 7, name: 'pull', username: 'u7', token: `gldt-${canary}` }])
  t.same(await gitlab.generated('GitlabDeployToken', spec), { username: 'u7', token: `gldt-${canary}` })
  const url = 'https://gitlab.com/api/v4/projects/my%2Fapp/deploy_tokens'
  t.match(gitlab.calls[0], {
    method: 'POST',
    url,
    headers: { 'private-token': texts.token, 'content-type': 'application/json' },
  })
  t.same(JSON.parse(gitlab.calls[0]?.body ?? ''), { name: 'pull', scopes: ['read_registry'] })
  const { projectID: _, ...rest } = spec
  const more = {
    url: 'https://git.example.com/',
    groupID: '5',
    username: 'bot',
    expiresAt: '2030-01-01T02:00:00.5+01:00',
  }
  await gitlab.generated('GitlabDeployToken', { ...rest, ...more })
  t.equal(gitlab.calls[1]?.url, 'https://git.example.com/api/v4/groups/5/deploy_tokens')
  t.match(JSON.parse(gitlab.calls[1]?.body ?? ''), { username: 'bot', expires_at: '2030-01-01T01:00:00Z' })
  await t.rejects(gitlab.generated('GitlabDeployToken', rest), { message: /^exactly one of projectID or groupID/ })
  const broken = { ...spec, auth: { token: { secretRef: ofSecret('broken') } } }
  const message = /^unable to make a deploy token of GitLab: what is sent as private-token has characters/
  await t.rejects(gitlab.generated('GitlabDeployToken', broken), { code: 'auth-failed', message })
  t.equal(gitlab.calls.length, 2)
  await fails(t, 'GitlabDeployToken', spec)
})

t.test('GitlabDeployToken: a token is given back where it was made', async (t) => {
  const auth = { token: { secretRef: ofSecret('token') } }
  const spec = { projectID: 'my/app', name: 'pull', scopes: ['read_registry'], auth }
  const answers: Answer[] = []
  const gitlab = await standIn(t, () => answers.shift() ?? [201, { id: 7, username: 'u7', token: `gldt-${canary}` }])
  await gitlab.generated('GitlabDeployToken', spec)
  const state = gitlab.state()
  t.same(state, { url: '', projectID: 'my/app', tokenID: 7 }, 'ids alone')
  const moved = { ...spec, url: 'https://elsewhere.example.com', projectID: 'other' }
  answers.push([204, ''], [404, { message: '404 Deploy token Not Found' }])
  await gitlab.giveBack('GitlabDeployToken', moved, state)
  await gitlab.giveBack('GitlabDeployToken', moved, { url: 'https://git.example.com/', groupID: '5', tokenID: 8 })
  t.same(asked(gitlab).slice(1), [
    'DELETE https://gitlab.com/api/v4/projects/my%2Fapp/deploy_tokens/7',
    'DELETE https://git.example.com/api/v4/groups/5/deploy_tokens/8',
  ])
  t.match(gitlab.calls[1], { headers: { 'private-token': texts.token }, body: '' })
  await refusesToForget(t, 'GitlabDeployToken', { spec, made: state })
  for (const made of [undefined, {}, { ...Object(state), tokenID: '7' }, { tokenID: 7 }]) {
    await t.rejects(gitlab.giveBack('GitlabDeployToken', spec, made), { code: 'invalid-ref' })
  }
  t.equal(gitlab.calls.length, 3)
})

t.test('QuayAccessToken: the token of a ServiceAccount buys one of the robot', async (t) => {
  const spec = { robotAccount: 'org+robot', serviceAccountRef }
  const token = unsignedJwt({ exp: 1_800_003_600 })
  const quay = await standIn(t, () => [200, { token }])
  const auth = base64(`org+robot:${token}`)
  t.same(await quay.generated('QuayAccessToken', spec), { registry: 'quay.io', auth, expiry: '1800003600' })
  const authorization = `Basic ${base64(`org+robot:${canary}:apps/builder/registry/3600`)}`
  t.match(quay.calls[0], {
    method: 'GET',
    url: 'https://quay.io/oauth2/federation/robot/token',
    headers: { authorization },
  })
  const own = await quay.generated('QuayAccessToken', { ...spec, url: 'https://quay.example.com:8443' })
  t.equal(own.registry, 'quay.example.com:8443')
  t.equal(quay.calls[1]?.url, 'https://quay.example.com:8443/oauth2/federation/robot/token')
  await t.rejects(quay.generated('QuayAccessToken', { ...spec, url: 'quay io' }), { message: /^url is not an address/ })
  for (const token of ['x', `x.${canary}.y`, unsignedJwt({ exp: 'soon' }), unsignedJwt(null)]) {
    const strange = await standIn(t, () => [200, { token }])
    const message = 'the token that was given has no exp claim'
    await t.rejects(strange.generated('QuayAccessToken', spec), { code: 'unavailable', message })
  }
  await fails(t, 'QuayAccessToken', spec)
})

t.test('Grafana: the service account is found or made, and gets a new token', async (t) => {
  const serviceAccount = { name: 'dash boards', role: 'Viewer' }
  const spec = { url: 'https://grafana.example.com/g/', auth: { token: ofSecret('token') }, serviceAccount }
  const others = [{ id: 1, name: 'dash boards 2', login: 'sa-2' }]
  const accounts: object[] = [...others]
  const grafana = await standIn(t, ({ url }) => {
    if (url.includes('/search')) return [200, { totalCount: accounts.length, serviceAccounts: accounts }]
    if (url.endsWith('/tokens')) return [200, { id: 9, name: 'n', key: `glsa_${canary}` }]
    return [201, { id: 3, name: serviceAccount.name, login: 'sa-3', role: 'Viewer' }]
  })
  t.same(await grafana.generated('Grafana', spec), { login: 'sa-3', token: `glsa_${canary}` })
  t.same(asked(grafana), [
    'GET https://grafana.example.com/g/api/serviceaccounts/search?query=dash%20boards',
    'POST https://grafana.example.com/g/api/serviceaccounts',
    'POST https://grafana.example.com/g/api/serviceaccounts/3/tokens',
  ])
  t.same(new Set(grafana.calls.map(({ headers }) => headers.authorization)), new Set([`Bearer ${texts.token}`]))
  t.same(JSON.parse(grafana.calls[1]?.body ?? ''), serviceAccount)
  t.match(Object.entries(JSON.parse(grafana.calls[2]?.body ?? '') as object), [['name', /^[0-9a-f-]{36}$/]])
  accounts.push({ id: 4, name: serviceAccount.name, login: 'sa-4' })
  const basic = { username: 'admin', password: ofSecret('token') }
  const short = { ...spec, auth: { basic }, serviceAccount: { ...serviceAccount, secondsToLive: 60 } }
  t.equal((await grafana.generated('Grafana', short)).login, 'sa-4')
  t.equal(grafana.calls[3]?.headers.authorization, `Basic ${base64(`admin:${texts.token}`)}`)
  t.match(asked(grafana).slice(4), ['POST https://grafana.example.com/g/api/serviceaccounts/4/tokens'])
  t.match(JSON.parse(grafana.calls[4]?.body ?? ''), { secondsToLive: 60 })
  await t.rejects(grafana.generated('Grafana', { ...spec, auth: {} }), { message: 'auth has neither token nor basic' })
  await fails(t, 'Grafana', spec)
})

t.test('Grafana: a token is given back, the service account stays', async (t) => {
  const spec = {
    url: 'https://grafana.example.com/g/',
    auth: { token: ofSecret('token') },
    serviceAccount: { name: 'boards', role: 'Viewer' },
  }
  const answers: Answer[] = []
  const grafana = await standIn(t, ({ url }) => {
    if (url.includes('/search')) return [200, { serviceAccounts: [{ id: 3, name: 'boards', login: 'sa-3' }] }]
    return answers.shift() ?? [200, { id: 9, key: `glsa_${canary}` }]
  })
  await grafana.generated('Grafana', spec)
  const state = grafana.state()
  t.same(state, { serviceAccount: { id: 3, tokenID: 9 } }, 'ids alone: the login stands in the Secret')
  answers.push([200, { message: 'Service account token deleted' }], [404, { message: 'service account not found' }])
  await grafana.giveBack('Grafana', spec, state)
  await grafana.giveBack('Grafana', spec, { serviceAccount: { id: 4, login: 'sa-4', tokenID: 10 } })
  t.same(asked(grafana).slice(2), [
    'DELETE https://grafana.example.com/g/api/serviceaccounts/3/tokens/9',
    'DELETE https://grafana.example.com/g/api/serviceaccounts/4/tokens/10',
  ])
  t.match(grafana.calls[2], { headers: { authorization: `Bearer ${texts.token}` }, body: '' })
  await refusesToForget(t, 'Grafana', { spec, made: state })
  for (const made of [undefined, { serviceAccount: { id: 3 } }, { serviceAccount: { id: '../x', tokenID: 9 } }]) {
    await t.rejects(grafana.giveBack('Grafana', spec, made), { code: 'invalid-ref' })
  }
  t.equal(grafana.calls.length, 4)
})

t.test('CloudsmithAccessToken: the token of a ServiceAccount buys one of the service', async (t) => {
  const spec = { orgSlug: 'my-org', serviceSlug: 'ci', serviceAccountRef }
  const token = unsignedJwt({ exp: 1_800_007_200 })
  const cloudsmith = await standIn(t, () => [201, { token }])
  const values = { auth: base64(`token:${token}`), expiry: '1800007200' }
  t.same(await cloudsmith.generated('CloudsmithAccessToken', spec), values)
  t.match(cloudsmith.calls[0], { method: 'POST', url: 'https://api.cloudsmith.io/openid/my-org/' })
  const body = { oidc_token: `${canary}:apps/builder/registry/3600`, service_slug: 'ci' }
  t.same(JSON.parse(cloudsmith.calls[0]?.body ?? ''), body)
  await cloudsmith.generated('CloudsmithAccessToken', { ...spec, apiUrl: 'https://c.example.com/v1/' })
  t.equal(cloudsmith.calls[1]?.url, 'https://c.example.com/v1/openid/my-org/')
  const text = /^apiUrl is not an address/
  await t.rejects(cloudsmith.generated('CloudsmithAccessToken', { ...spec, apiUrl: 'c:x@y' }), { message: text })
  await fails(t, 'CloudsmithAccessToken', spec)
})

t.test('BeyondtrustWorkloadCredentialsDynamicSecret: credentials by the path of a secret', async (t) => {
  const kind = 'BeyondtrustWorkloadCredentialsDynamicSecret'
  const server = { apiUrl: 'https://api.beyondtrust.io/site/', siteId: '0b6c2f3e-5a1d-4e7f-9c3b-2d1e0f9a8b7c' }
  const provider = { auth: { apikey: { token: ofSecret('token') } }, folderPath: 'team a/db/reader', server }
  const made = { accessKeyId: 'AKIA1', secretAccessKey: canary, leaseId: 'l1', expiration: '2030-01-01T00:00:00Z' }
  let secret: object = made
  const beyondtrust = await standIn(t, () => [201, { secret }])
  t.same(await beyondtrust.generated(kind, { provider }), made)
  const url = `${server.apiUrl}${server.siteId}/secrets/dynamic/reader/generate?folder=team+a%2Fdb`
  const headers = { authorization: `Bearer ${texts.token}`, 'bt-secrets-api-version': '2026-04-28' }
  t.match(beyondtrust.calls[0], { method: 'POST', url, headers, body: '' })
  secret = { ...made, sessionToken: 's' }
  t.same(await beyondtrust.generated(kind, { provider: { ...provider, folderPath: 'reader' } }), secret)
  t.equal(beyondtrust.calls[1]?.url, `${server.apiUrl}${server.siteId}/secrets/dynamic/reader/generate`)
  const table: readonly (readonly [object, RegExp])[] = [
    [{ folderPath: 'a/' }, /^folderPath must end with the name of a secret$/],
    [{ server: { ...server, siteId: 'x' } }, /^server.siteId must be a UUID$/],
    [{ server: { ...server, apiUrl: 'http://a.b' } }, /^server.apiUrl must use https$/],
    [{ caBundle: base64('x') }, /^caBundle: there is no PEM certificate in it$/],
  ]
  for (const [changes, message] of table) {
    await t.rejects(beyondtrust.generated(kind, { provider: { ...provider, ...changes } }), { message })
  }
  t.equal(beyondtrust.calls.length, 2)
  await fails(t, kind, { provider })
})

/** What cannot be given back now is an error, which says nothing of what was answered. */
async function refusesToForget(t: Test, kind: GeneratorKind, { spec, made }: { spec: object; made: unknown }) {
  const table: readonly (readonly [answer: Answer, code: string])[] = [
    [[401, { message: canary }], 'auth-failed'],
    [[403, { message: canary }], 'denied'],
    [[404, `<html>${canary}`], 'unavailable'],
    [[500, canary], 'unavailable'],
  ]
  for (const [answer, code] of table) {
    const api = await standIn(t, () => answer)
    const error: unknown = await api.giveBack(kind, spec, made).catch((failure: unknown) => failure)
    t.match(error, { name: 'ProviderError', code }, `${kind}: ${answer[0]}`)
    t.notMatch(error instanceof Error ? error.message : canary, canary)
    t.equal(api.calls.length, 1)
  }
}
