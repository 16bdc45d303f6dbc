import type { Test } from 'tap'
import { ApiClient } from '../../support/api-client.ts'
import { RawConnection } from '../../support/raw-connection.ts'
import { until } from '../../support/until.ts'
import { group, type Scene } from './scene.ts'

const floodersCount = 40
const slowCount = 40
/** The attack takes the machine of the test, too. */
const looking = { everyMs: 200, patienceMs: 60_000 }

/** T02: one user floods, dawdles and sends too much; health, discovery, others and namespaces do not suffer. */
export async function floodsAreOutlived(t: Test, { cluster, api, kubectl, server }: Scene): Promise<void> {
  await kubectl.ok('create namespace elsewhere')
  await kubectl.ok('create configmap something -n elsewhere')
  const { certificatePem: cert, keyPem: key } = await cluster.pki.client('mallory')
  await using mallory = new ApiClient(`https://127.0.0.1:${server.port}`, { ca: server.authorityPem, cert, key })
  await using probe = new ApiClient(`https://127.0.0.1:${server.port}`, { ca: server.authorityPem })
  const slow = await Promise.all(Array.from({ length: slowCount }, () => RawConnection.open(mallory)))
  const objects = `${group}/namespaces/evil/externalsecrets`
  for (const [index, connection] of slow.entries()) {
    const body =
      index % 2 === 0 ? '' : 'host: localhost\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{'
    connection.send(`POST ${objects} HTTP/1.1\r\n${body}`)
  }
  const huge = await RawConnection.open(mallory)
  huge.send(`POST ${objects} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`)
  huge.send('content-length: 500000000\r\n\r\n{')

  let isOver = false
  const codes = new Map<number, number>()
  const refused: (string | string[] | undefined)[] = []
  const flood = async (): Promise<void> => {
    while (!isOver) {
      const { status, headers } = await mallory.get(objects)
      codes.set(status, (codes.get(status) ?? 0) + 1)
      if (status === 429) refused.push(headers['retry-after'])
    }
  }
  const floods = Array.from({ length: floodersCount }, flood)
  try {
    await until(async () => (codes.get(429) ?? 0) > 100, looking)
    for (let turn = 0; turn < 5; turn += 1) {
      t.equal((await probe.get('/readyz')).status, 200)
      t.equal((await api.get(group)).status, 200)
    }
    const headers = { 'impersonate-user': 'ann' }
    const asAnn = () => api.call('GET', `${group}/namespaces/victim/externalsecrets`, { headers })
    await until(async () => (await asAnn()).status === 200, looking)
    t.pass('another user is served')
    await api.call('DELETE', '/api/v1/namespaces/elsewhere')
    await until(async () => (await api.get('/api/v1/namespaces/elsewhere')).status === 404, looking)
    const { json } = await api.get('/apis/apiregistration.k8s.io/v1/apiservices/v1.external-secrets.io')
    t.match(json['status'], { conditions: [{ type: 'Available', status: 'True' }] })
  } finally {
    isOver = true
    await Promise.all(floods)
  }
  t.comment([...codes].map(([code, count]) => `${count} times ${code}`).join(', '))
  t.ok(refused.every((after) => Number(after) > 0))
  t.match(await huge.until((text) => text.includes('\r\n\r\n')), /^HTTP\/1.1 413 /)
  const ends = await Promise.all(slow.map((connection) => connection.rest()))
  t.ok(
    ends.every((text) => /^(HTTP\/1.1 4\d\d |$)/.test(text)),
    'nobody keeps a connection by saying nothing',
  )
  for (const connection of [...slow, huge]) connection[Symbol.dispose]()
}
