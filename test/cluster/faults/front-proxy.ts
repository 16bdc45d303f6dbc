import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { KeyPair } from '../../../apiserver/certificates/authority.ts'
import { systemClock } from '../../../base/clock.ts'
import { AggregatedServer, namespaceFlags } from '../../support/kube-cluster/aggregated-server.ts'
import { until } from '../../support/until.ts'
import { flags, type Following, patient } from './scene.ts'

export async function aReplacedAuthority(t: Test, { cluster, api, server }: Following): Promise<void> {
  const { pki } = cluster
  const named = { 'x-remote-user': 'kubernetes-admin', 'x-remote-group': 'system:masters' }
  const asked = async (to: AggregatedServer, pair: KeyPair): Promise<number> => {
    await using direct = to.direct(pair)
    return (await direct.call('GET', '/apis/external-secrets.io/v1/externalsecrets', { headers: named })).status
  }
  const expired = { untilMs: systemClock.now() - 1000 }
  t.equal(await asked(server, await pki.frontProxyClient()), 200)
  t.equal(await asked(server, await pki.frontProxyClient(expired)), 401)

  rmSync(join(cluster.folder, 'other/store'), { recursive: true })
  const own = [...namespaceFlags('other'), '--register-api-services=false']
  await using refused = await AggregatedServer.start(cluster, {
    flags: [...flags, ...own],
    name: 'other',
    isServed: false,
  })
  t.equal(await asked(refused, await pki.frontProxyClient()), 503, 'its store is not the one that the cluster knows')

  await pki.replaceFrontProxyAuthority()
  const pair = await pki.frontProxyClient()
  // A connection of somebody unknown ends at the moment at which the authorities change.
  const judged = (to: AggregatedServer): Promise<number | undefined> => asked(to, pair).catch(() => undefined)
  await until(async () => (await judged(server)) === 200, patient)
  await until(async () => (await judged(refused)) === 503, patient)
  t.equal(await asked(server, await pki.frontProxyClient(expired)), 401)

  await pki.renewFrontProxy(expired)
  const throughIt = async (): Promise<number> =>
    (await api.get('/apis/external-secrets.io/v1/externalsecrets?limit=1')).status
  await until(async () => [401, 503].includes(await throughIt()), patient)
  await pki.renewFrontProxy()
  await until(async () => (await throughIt()) === 200, patient)
}
