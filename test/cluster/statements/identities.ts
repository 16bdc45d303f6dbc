import assert from 'node:assert/strict'
import { type Authority, type KeyPair, makeAuthority, makeLeaf } from '../../../apiserver/certificates/authority.ts'
import { systemClock } from '../../../base/clock.ts'
import { patch } from '../../conformance/ask.ts'
import { expectFailure, expectObject } from '../../conformance/expect.ts'
import type { Statement } from '../../conformance/statement.ts'
import type { ApiAnswer, ApiClient } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import type { World } from './world.ts'

const master = { 'x-remote-user': 'ann', 'x-remote-group': 'system:masters' }
const unauthorized = { code: 401, reason: 'Unauthorized', message: 'Unauthorized' }
const settingsPath = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'
const minuteMs = 60_000

function validity(fromMs: number, untilMs: number) {
  const now = systemClock.now()
  return { fromMs: now + fromMs, untilMs: now + untilMs }
}

const valid = validity(-minuteMs, 60 * minuteMs)

function clientOf(authority: Authority, commonName: string, groups: readonly string[] = []): Promise<KeyPair> {
  return makeLeaf(authority, { use: 'client', commonName, groups, validity: valid })
}

/** Who is believed to be whom: spoken to our server directly, with certificates of the cluster's own authorities. */
export function identities(world: World): readonly Statement[] {
  const { admin, cluster } = world
  const { clients, frontProxy } = cluster.pki
  const asMaster = (api: ApiClient, path: string): Promise<ApiAnswer> => api.call('GET', path, { headers: master })
  return [
    {
      number: 169,
      sentence: 'Without a certificate nobody is believed to be whom the headers name.',
      play: async ({ widgets }) => {
        expectFailure(await asMaster(world.direct(), widgets), unauthorized)
        expectObject(await asMaster(world.frontProxy(), widgets))
      },
    },
    {
      number: 170,
      sentence: 'A client of the cluster is itself, whatever its headers and its name say.',
      play: async ({ widgets }) => {
        const pair = await clientOf(clients, 'front-proxy-client', ['own-group'])
        const refused = await asMaster(world.direct(pair), widgets)
        expectFailure(refused, { code: 403, message: /User "front-proxy-client" cannot list resource "widgets"/ })
        const [asked] = world.reviewsOf('front-proxy-client')
        assert.deepEqual(asked?.['groups'], ['own-group', 'system:authenticated'])
      },
    },
    {
      number: 171,
      sentence: 'A certificate of the front proxy`s authority with another name is refused.',
      play: async ({ widgets }) => {
        const pair = await clientOf(frontProxy, 'somebody')
        expectFailure(await asMaster(world.direct(pair), widgets), unauthorized)
      },
    },
    {
      number: 172,
      sentence: 'A certificate that is not for clients, or not valid now, is refused.',
      play: async ({ widgets }) => {
        for (const [authority, commonName] of [
          [frontProxy, 'front-proxy-client'],
          [clients, 'admin'],
        ] as const) {
          const pairs = [
            await makeLeaf(authority, { use: 'server', commonName, hosts: ['localhost'], validity: valid }),
            await makeLeaf(authority, {
              use: 'client',
              commonName,
              groups: ['system:masters'],
              validity: validity(-2 * minuteMs, -minuteMs),
            }),
            await makeLeaf(authority, {
              use: 'client',
              commonName,
              groups: ['system:masters'],
              validity: validity(30 * minuteMs, 60 * minuteMs),
            }),
          ]
          for (const pair of pairs) expectFailure(await asMaster(world.direct(pair), widgets), unauthorized)
        }
      },
    },
    {
      number: 175,
      sentence: 'Another authority and other names for the front proxy count without a restart, and cease to.',
      // Handshakes of others that last over a change are ended.
      alone: true,
      play: async ({ widgets }) => {
        const before = expectObject(await admin.get(settingsPath))['data'] ?? {}
        const other = await makeAuthority('another-front-proxy-ca', valid)
        const api = world.direct(await clientOf(other, 'another-proxy'))
        // A connection that is open when the authorities change may end at that moment.
        const status = async () => (await asMaster(api, widgets).catch(() => undefined))?.status
        assert.equal(await status(), 401)
        const bundle = 'requestheader-client-ca-file'
        const names = 'requestheader-allowed-names'
        const set = async (data: object): Promise<void> => {
          expectObject(await patch.merge(admin, settingsPath, { data }))
        }
        const allowed = JSON.parse(String(before[names])) as readonly string[]
        await set({
          [bundle]: `${String(before[bundle])}\n${other.certificatePem}`,
          [names]: JSON.stringify([...allowed, 'another-proxy']),
        })
        await until(async () => (await status()) === 200, { everyMs: 20 })
        await set({ [names]: JSON.stringify(allowed) })
        await until(async () => (await status()) === 401, { everyMs: 20 })
        await set({ [names]: JSON.stringify([...allowed, 'another-proxy']) })
        await until(async () => (await status()) === 200, { everyMs: 20 })
        await set({ [bundle]: before[bundle], [names]: before[names] })
        await until(async () => (await status()) === 401, { everyMs: 20 })
        expectObject(await asMaster(world.frontProxy(), widgets))
      },
    },
    {
      number: 176,
      sentence: 'A bearer token is whom the cluster says, and none for another audience is.',
      play: async ({ widgets, namespace }) => {
        const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
        expectObject(await admin.post(accounts, { metadata: { name: 'robot' } }), 201)
        const tokenFor = async (audiences?: readonly string[]): Promise<string> => {
          const spec = { expirationSeconds: 600, ...(audiences && { audiences }) }
          const { status } = expectObject(await admin.post(`${accounts}/robot/token`, { spec }), 201)
          return String(status?.['token'])
        }
        const api = world.direct()
        const ask = (token: string): Promise<ApiAnswer> =>
          api.call('GET', widgets, { headers: { authorization: `Bearer ${token}` } })
        const robot = new RegExp(`User "system:serviceaccount:${namespace}:robot" cannot list resource "widgets"`)
        expectFailure(await ask(await tokenFor()), { code: 403, message: robot })
        for (const token of [await tokenFor(['vault']), 'nonsense', `${await tokenFor()}x`]) {
          expectFailure(await ask(token), unauthorized)
        }
        const [asked] = world.reviewsOf(`system:serviceaccount:${namespace}:robot`)
        assert.deepEqual(asked?.['groups'], [
          'system:serviceaccounts',
          `system:serviceaccounts:${namespace}`,
          'system:authenticated',
        ])
      },
    },
    {
      number: 182,
      sentence: 'Who is nobody is told so in one word, and who may not what, by whom and where.',
      play: async ({ widgets, namespace }) => {
        expectFailure(await world.direct().get(`${widgets}/x`), unauthorized)
        const refused = async (path: string) =>
          world.frontProxy().call('GET', path, { headers: { 'x-remote-user': 'cay' } })
        expectFailure(await refused(`${widgets}/x`), {
          code: 403,
          reason: 'Forbidden',
          message:
            'widgets.example.com "x" is forbidden: User "cay" cannot get resource "widgets" in API group ' +
            `"example.com" in the namespace "${namespace}"`,
          details: { name: 'x', group: 'example.com', kind: 'widgets' },
        })
        expectFailure(await refused('/apis/example.com/v1/clusterwidgets'), {
          code: 403,
          message:
            'clusterwidgets.example.com is forbidden: User "cay" cannot list resource "clusterwidgets" in API group ' +
            '"example.com" at the cluster scope',
        })
        expectFailure(await refused('/metrics'), {
          code: 403,
          message: 'forbidden: User "cay" cannot get path "/metrics"',
        })
      },
    },
    {
      number: 183,
      sentence: 'Health is open to anybody, metrics are for those who may.',
      play: async ({ prefix }) => {
        const anybody = world.direct()
        for (const path of ['/healthz', '/livez', '/readyz']) assert.equal((await anybody.get(path)).status, 200, path)
        assert.ok([401, 403].includes((await anybody.get('/metrics')).status))
        const user = `${prefix}-scraper`
        const scrape = () => world.frontProxy().call('GET', '/metrics', { headers: { 'x-remote-user': user } })
        assert.equal((await scrape()).status, 403)
        const role = { name: prefix, rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] }
        await world.bind({ ...role, user })
        await until(async () => (await scrape()).status === 200, { everyMs: 100 })
        assert.match((await scrape()).text, /^apiserver_request_total\{/m)
      },
    },
  ]
}
