import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { canary } from '../../providers/conformance.ts'
import { listOf } from '../support/api-client.ts'
import { accessKeyId, fakeAws } from '../support/fake-aws.ts'
import { fakeVault } from '../support/fake-vault.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const group = 'external-secrets.io'
const aws = { service: 'SecretsManager', region: 'eu-central-1', role: 'arn:aws:iam::1:role/reader' }

t.test('ClusterSecretStores log in as the process; a SecretStore is taken, is not ready and says why', async (t) => {
  const amazon = await serve(t, fakeAws({ db: { password: 'hunter2' } }))
  const vault = await serve(t, fakeVault({}))
  const folder = mkdtempSync(join(tmpdir(), 'identity-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const token = join(folder, 'token')
  writeFileSync(token, `${canary}-token`)
  const variables = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: 'k' }
  Object.assign(process.env, variables)
  t.teardown(() => Object.keys(variables).forEach((name) => delete process.env[name]))
  await using server = await ServerProcess.start([
    '--storage-backend=memory',
    `--provider-endpoints=secretsmanager=${amazon},sts=${amazon}`,
    `--ambient-token-file=${token}`,
  ])
  await using api = server.client()
  const post = async (kind: string, name: string, spec: object) => {
    const scope = kind.startsWith('Cluster') ? '' : 'namespaces/default/'
    const place = `/apis/${group}/v1/${scope}${kind.toLowerCase()}s`
    const answer = await api.post(place, { apiVersion: `${group}/v1`, kind, metadata: { name }, spec })
    t.equal(answer.status, 201, answer.text)
    return async () => {
      const { json } = await api.get(`${place}/${name}`)
      return listOf(json['status']?.['conditions']).map((one) => `${String(one['type'])}=${String(one['status'])}`)[0]
    }
  }
  const kubernetes = { mountPath: 'kubernetes', role: 'r' }
  const atVault = { vault: { server: vault, path: 'secret', auth: { kubernetes } } }
  const stores = [await post('ClusterSecretStore', 'aws', { provider: { aws } })]
  stores.push(await post('ClusterSecretStore', 'vault', { provider: atVault }))
  const secretStoreRef = { kind: 'ClusterSecretStore', name: 'aws' }
  const data = [{ secretKey: 'password', remoteRef: { key: 'db', property: 'password' } }]
  stores.push(await post('ExternalSecret', 'db', { secretStoreRef, data }))
  for (const condition of stores) await until(async () => (await condition()) === 'Ready=True')
  const { json: secret } = await api.get('/api/v1/namespaces/default/secrets/db')
  t.equal(Buffer.from(String(secret['data']?.['password']), 'base64').toString(), 'hunter2')

  for (const [name, provider] of Object.entries({ 'own-aws': { aws }, 'own-vault': atVault })) {
    const condition = await post('SecretStore', name, { provider })
    await until(async () => (await condition()) === 'Ready=False')
    const told = async () => {
      const { json } = await api.get('/api/v1/namespaces/default/events')
      return listOf(json['items']).find((one) => String(one['involvedObject']?.['name']) === name)
    }
    await until(async () => (await told()) !== undefined)
    t.match(await told(), { message: /not for this SecretStore: --ambient-credentials=all would allow it/ })
  }
  t.notMatch(server.log, canary)
})

async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
