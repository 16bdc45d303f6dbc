import t, { type Test } from 'tap'
import { createOutbound } from '../../base/http.ts'
import {
  type Answer,
  apiStandIn as standIn,
  type ApiStandIn as StandIn,
  asked,
  base64,
  canary,
  fails,
  failsOnce,
  formOf,
  generated,
  limits,
  sessionOf,
  signedAs,
  signedClaims,
  standInNow,
  stsError,
  texts,
} from '../../test/support/api-stand-in.ts'
import type { GeneratorKind } from './specs.ts'

const now = Math.floor(standInNow / 1000)

const ofSecret = (key: string) => ({ name: 'credentials', key })
const serviceAccountRef = { name: 'builder', audiences: ['registry'] }
const gke = { clusterName: 'c', clusterLocation: 'l' }
const awsKeys = { accessKeyIDSecretRef: ofSecret('id'), secretAccessKeySecretRef: ofSecret('token') }

t.test('ECRAuthorizationToken: a signed call gives a login of the private or the public registries', async (t) => {
  const spec = { region: 'eu-central-1', auth: { secretRef: awsKeys } }
  const authorizationToken = base64(`AWS:${canary}`)
  const privateLogin = {
    authorizationToken,
    expiresAt: 1_800_043_200.5,
    proxyEndpoint: 'https://1.dkr.ecr.amazonaws.com',
  }
  const ecr = await standIn(t, ({ url, body }) => {
    const [, action] = /Action=(AssumeRole\w*)/.exec(body) ?? []
    if (action !== undefined) return [200, sessionOf(action)]
    if (url.includes('public')) return [200, { authorizationData: { authorizationToken, expiresAt: 1.8e9 } }]
    return [200, { authorizationData: [privateLogin] }]
  })
  const login = { username: 'AWS', password: canary }
  const values = { ...login, proxy_endpoint: privateLogin.proxyEndpoint, expires_at: '1800043200' }
  t.same(await ecr.generated('ECRAuthorizationToken', spec), values)
  const target = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken'
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }
  t.match(ecr.calls[0], { method: 'POST', url: 'https://api.ecr.eu-central-1.amazonaws.com/', body: '{}', headers })
  t.match(ecr.calls[0]?.headers.authorization, signedAs(texts.id ?? '', 'eu-central-1/ecr'))
  const everywhere = { ...spec, scope: 'public', role: 'arn:aws:iam::1:role/r' }
  t.same(await ecr.generated('ECRAuthorizationToken', everywhere), { ...login, expires_at: '1800000000' })
  t.same(asked(ecr).slice(1), [
    'POST https://sts.eu-central-1.amazonaws.com/',
    'POST https://api.ecr-public.us-east-1.amazonaws.com/',
  ])
  t.match(ecr.calls[2]?.headers, {
    'x-amz-target': 'SpencerFrontendService.GetAuthorizationToken',
    'x-amz-security-token': 'session',
    authorization: signedAs('ASIA1', 'us-east-1/ecr-public'),
  })
  await refusesAws(t, 'ECRAuthorizationToken')
  await loginsByServiceAccount(t, ecr)
  const two = await standIn(t, () => [200, { authorizationData: [privateLogin, privateLogin] }])
  await t.rejects(two.generated('ECRAuthorizationToken', spec), { message: /expected 1, found 2$/ })
  const strange = await standIn(t, () => [
    200,
    { authorizationData: [{ ...privateLogin, authorizationToken: 'eA==' }] },
  ])
  await t.rejects(strange.generated('ECRAuthorizationToken', spec), { message: 'unexpected token format' })
  await fails(t, 'ECRAuthorizationToken', spec)
})

async function loginsByServiceAccount(t: Test, ecr: StandIn): Promise<void> {
  const generate = (auth: object) => ecr.generated('ECRAuthorizationToken', { region: 'eu-central-1', auth })
  const jwt = (name: string) => ({ jwt: { serviceAccountRef: { name, audiences: ['own'] } } })
  ecr.calls.length = 0
  t.equal((await generate(jwt('amazon'))).username, 'AWS')
  t.match(formOf(ecr.calls[0]), {
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: 'arn:aws:iam::1:role/builder',
    WebIdentityToken: `${canary}:apps/amazon/own/sts.amazonaws.com/3600`,
  })
  t.equal(ecr.calls[0]?.headers.authorization, undefined)
  t.match(ecr.calls[1]?.headers.authorization, signedAs('ASIA1', 'eu-central-1/ecr'))
  await generate({ ...jwt('amazon'), secretRef: awsKeys })
  t.equal(ecr.calls.length, 3, 'static credentials count first')
  const message = /the ServiceAccount "builder" has no annotation eks.amazonaws.com\/role-arn$/
  await t.rejects(generate(jwt('builder')), { code: 'auth-failed', message })
  await t.rejects(generate(jwt('gone')), { code: 'auth-failed', message: /serviceaccounts "gone" not found$/ })
  await t.rejects(generate({ jwt: {} }), { code: 'invalid-ref' })
  t.equal(ecr.calls.length, 3)
}

t.test('STSSessionToken: temporary credentials of whoever the keys belong to', async (t) => {
  const requestParameters = { sessionDuration: 900, serialNumber: 'arn:aws:iam::1:mfa/u', tokenCode: '123456' }
  const spec = { region: 'eu-central-1', auth: { secretRef: awsKeys }, requestParameters }
  const sts = await standIn(t, () => [200, sessionOf('GetSessionToken')])
  t.same(await sts.generated('STSSessionToken', spec), {
    access_key_id: 'ASIA1',
    secret_access_key: canary,
    session_token: 'session',
    expiration: '4070908800',
  })
  t.match(sts.calls[0], { method: 'POST', url: 'https://sts.eu-central-1.amazonaws.com/' })
  t.match(Object.fromEntries(new URLSearchParams(sts.calls[0]?.body)), {
    Action: 'GetSessionToken',
    DurationSeconds: '900',
    SerialNumber: 'arn:aws:iam::1:mfa/u',
    TokenCode: '123456',
  })
  t.match(sts.calls[0]?.headers.authorization, signedAs(texts.id ?? '', 'eu-central-1/sts'))
  const jwt = { code: 'invalid-ref', message: 'jwt auth cannot be used for STS Session Token generation' }
  await t.rejects(sts.generated('STSSessionToken', { ...spec, auth: { jwt: { serviceAccountRef } } }), jwt)
  await refusesAws(t, 'STSSessionToken')
  const errors: readonly (readonly [Answer | undefined, string])[] = [
    [[403, stsError('InvalidClientTokenId')], 'auth-failed'],
    [[403, stsError('AccessDenied')], 'denied'],
    [[400, stsError('ValidationError')], 'invalid-ref'],
    [[200, `<a>${canary}`], 'unavailable'],
    [[200, '<GetSessionTokenResponse><GetSessionTokenResult/></GetSessionTokenResponse>'], 'unavailable'],
    [undefined, 'unavailable'],
  ]
  for (const [answer, code] of errors) await failsOnce(t, { kind: 'STSSessionToken', spec, answer, code })
})

t.test('ACRAccessToken: a token of Entra ID becomes one of the registry', async (t) => {
  const secretRef = { clientId: ofSecret('id'), clientSecret: ofSecret('broken') }
  const spec = { registry: 'my.azurecr.io', tenantId: 't-1', auth: { servicePrincipal: { secretRef } } }
  const azure = await standIn(t, ({ url }) => {
    if (url.endsWith('/oauth2/exchange')) return [200, { refresh_token: 'refresh' }]
    return [200, { access_token: url.endsWith('azurecr.io/oauth2/token') ? 'scoped' : 'entra' }]
  })
  const username = '00000000-0000-0000-0000-000000000000'
  t.same(await azure.generated('ACRAccessToken', spec), { username, password: 'refresh' })
  t.same(asked(azure), [
    'POST https://login.microsoftonline.com/t-1/oauth2/v2.0/token',
    'POST https://my.azurecr.io/oauth2/exchange',
  ])
  t.match(formOf(azure.calls[0]), {
    grant_type: 'client_credentials',
    client_id: texts.id,
    client_secret: texts.token,
    scope: 'https://management.azure.com/.default',
  })
  const service = 'my.azurecr.io'
  t.same(formOf(azure.calls[1]), { grant_type: 'access_token', service, tenant: 't-1', access_token: 'entra' })
  const scope = 'repository:app:pull'
  const china = { ...spec, scope, environmentType: 'ChinaCloud' }
  t.same(await azure.generated('ACRAccessToken', china), { username, password: 'scoped' })
  t.equal(azure.calls[2]?.url, 'https://login.chinacloudapi.cn/t-1/oauth2/v2.0/token')
  t.equal(formOf(azure.calls[2]).scope, 'https://management.chinacloudapi.cn/.default')
  t.same(formOf(azure.calls[4]), { grant_type: 'refresh_token', service, scope, refresh_token: 'refresh' })
  await acrLogins(t, spec, azure)
  await fails(t, 'ACRAccessToken', spec)
})

async function acrLogins(t: Test, spec: object, azure: StandIn): Promise<void> {
  azure.calls.length = 0
  const metadata = 'http://169.254.169.254/metadata/identity/oauth2/token'
  const machine = `${metadata}?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com`
  for (const identityId of [undefined, 'c-1', '/subscriptions/1']) {
    await azure.generated('ACRAccessToken', { ...spec, auth: { managedIdentity: { identityId } } })
  }
  const logins = azure.calls.filter(({ method }) => method === 'GET')
  const urls = [machine, `${machine}&client_id=c-1`, `${machine}&msi_res_id=%2Fsubscriptions%2F1`]
  t.same(
    logins.map(({ url }) => url),
    urls,
  )
  t.ok(logins.every(({ headers }) => headers.metadata === 'true'))
  azure.calls.length = 0
  await azure.generated('ACRAccessToken', {
    ...spec,
    auth: { workloadIdentity: { serviceAccountRef: { name: 'azure' } } },
  })
  t.equal(azure.calls[0]?.url, 'https://login.microsoftonline.com/t-9/oauth2/v2.0/token')
  t.same(formOf(azure.calls[0]), {
    grant_type: 'client_credentials',
    client_id: 'c-9',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${canary}:apps/azure/api://AzureADTokenExchange/3600`,
    scope: 'https://management.azure.com/.default',
  })
  const guarded = createOutbound({ ...limits, allowedNetworks: ['127.0.0.0/8'] })
  t.teardown(() => guarded[Symbol.asyncDispose]())
  const identity = { ...spec, auth: { managedIdentity: {} } }
  await t.rejects(generated('ACRAccessToken', identity, guarded), {
    message: /^unable to get a token of Entra ID: 169/,
  })
  const table: readonly (readonly [object, string])[] = [
    [{ auth: {} }, 'invalid-ref'],
    [{ auth: { workloadIdentity: { serviceAccountRef } } }, 'auth-failed'],
    [{ auth: { workloadIdentity: {} } }, 'unsupported'],
    [{ environmentType: 'AzureStackCloud' }, 'unsupported'],
    [{ tenantId: '..' }, 'invalid-ref'],
    [{ registry: 'a/b' }, 'invalid-ref'],
  ]
  azure.calls.length = 0
  for (const [changes, code] of table) {
    await t.rejects(azure.generated('ACRAccessToken', { ...spec, ...changes }), { code })
  }
  t.equal(azure.calls.length, 0)
}

t.test('GCRAccessToken: the key of a service account signs for an access token', async (t) => {
  const secretRef = { secretAccessKeySecretRef: ofSecret('google') }
  const spec = { projectID: 'p', auth: { secretRef } }
  const google = await standIn(t, () => [200, { access_token: 'ya29', expires_in: 3599, token_type: 'Bearer' }])
  const values = { username: 'oauth2accesstoken', password: 'ya29', expiry: String(now + 3599) }
  t.same(await google.generated('GCRAccessToken', spec), values)
  t.match(google.calls[0], { method: 'POST', url: 'https://oauth2.googleapis.com/token' })
  const { grant_type, assertion } = formOf(google.calls[0])
  t.equal(grant_type, 'urn:ietf:params:oauth:grant-type:jwt-bearer')
  t.same(signedClaims(assertion), {
    iss: 'builder@p.iam.gserviceaccount.com',
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    aud: 'https://oauth2.googleapis.com/token',
    iat: now - 10,
    exp: now + 3590,
  })
  t.match(JSON.parse(Buffer.from(assertion?.split('.')[0] ?? '', 'base64url').toString()), { alg: 'RS256', kid: 'k1' })
  const table: readonly (readonly [object, RegExp])[] = [
    [{ secretRef: { secretAccessKeySecretRef: ofSecret('token') } }, /it is not the JSON key of a service account$/],
    [
      { workloadIdentityFederation: { audience: 'a' } },
      /^this way to log in is not served yet; served are auth.secretRef/,
    ],
    [{ workloadIdentity: { ...gke, serviceAccountRef: { name: 'gone' } } }, /serviceaccounts "gone" not found$/],
  ]
  for (const [auth, message] of table)
    await t.rejects(google.generated('GCRAccessToken', { ...spec, auth }), { message })
  t.equal(google.calls.length, 1)
  await fails(t, 'GCRAccessToken', spec)
})

t.test('GCRAccessToken: a ServiceAccount of GKE is exchanged, and acts as the account that annotates it', async (t) => {
  const spec = (name: string) => ({
    projectID: 'p',
    auth: { workloadIdentity: { ...gke, serviceAccountRef: { name } } },
  })
  let expireTime = '2027-01-15T09:00:00Z'
  const google = await standIn(t, ({ url }) =>
    url.includes('iamcredentials')
      ? [200, { accessToken: 'ya29.impersonated', expireTime }]
      : [200, { access_token: 'ya29.own', expires_in: '3600' }],
  )
  const username = 'oauth2accesstoken'
  const own = { username, password: 'ya29.own', expiry: String(now + 3600) }
  t.same(await google.generated('GCRAccessToken', spec('builder')), own)
  t.equal(google.calls[0]?.url, 'https://securetoken.googleapis.com/v1/identitybindingtoken')
  const cluster = 'https://container.googleapis.com/v1/projects/p/locations/l/clusters/c'
  t.match(JSON.parse(google.calls[0]?.body ?? ''), {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: `${canary}:apps/builder/p.svc.id.goog/900`,
    audience: `identitynamespace:p.svc.id.goog:${cluster}`,
  })
  const impersonated = { username, password: 'ya29.impersonated', expiry: '1800003600' }
  t.same(await google.generated('GCRAccessToken', spec('google')), impersonated)
  const account = 'builder%40p.iam.gserviceaccount.com:generateAccessToken'
  t.equal(google.calls[2]?.url, `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}`)
  t.equal(google.calls[2]?.headers.authorization, 'Bearer ya29.own')
  t.same(JSON.parse(google.calls[2]?.body ?? ''), { scope: ['https://www.googleapis.com/auth/cloud-platform'] })
  expireTime = canary
  const message = 'unable to generate gcp access token: the answer has no expireTime as it should be'
  await t.rejects(google.generated('GCRAccessToken', spec('google')), { code: 'unavailable', message })
  await fails(t, 'GCRAccessToken', spec('builder'))
})

/** Ways to log in that are not served, and a region that would be another host. */
async function refusesAws(t: Test, kind: GeneratorKind): Promise<void> {
  const { calls, generated } = await standIn(t, () => [200, {}])
  await t.rejects(generated(kind, { region: 'eu-central-1' }), { code: 'denied', message: /--ambient-credentials=all/ })
  await t.rejects(generated(kind, { region: 'a.b/', auth: { secretRef: awsKeys } }), { code: 'invalid-ref' })
  t.equal(calls.length, 0)
}
