import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Json } from '../support/api-client.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const policy = '{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: RequestResponse}]}'

t.test(
  'the program writes its trail to a file, with bodies where the policy says so and no values anywhere',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'audit-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'audit.log')
    const policyPath = join(folder, 'policy.yaml')
    writeFileSync(policyPath, policy)
    // Whole lines alone: the last one may still be on its way.
    const eventsOf = (uri: RegExp): readonly Json[] =>
      readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Json)
        .filter((event) => uri.test(String(event['requestURI'])) && String(event['stage']) === 'ResponseComplete')
    {
      await using server = await ServerProcess.start([`--audit-log-path=${path}`, `--audit-policy-file=${policyPath}`])
      await using api = server.client()
      const metadata = { name: 'one', namespace: 'default' }
      const post = async (place: string, body: object): Promise<void> => {
        const answer = await api.call('POST', place, { body, headers: { 'audit-id': 'mine' } })
        t.equal(answer.status, 201, answer.text)
      }
      const core = '/api/v1/namespaces/default'
      await post(`${core}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { shown: 'plainly' } })
      await post(`${core}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { hidden: 'hunter2' } })
      await api.get(`${core}/secrets`)
      await post('/apis/external-secrets.io/v1/namespaces/default/secretstores', {
        apiVersion: 'external-secrets.io/v1',
        kind: 'SecretStore',
        metadata,
        spec: { provider: { fake: { data: [{ key: '/a', value: 'hunter2' }] } } },
      })
      const generators = { apiVersion: 'generators.external-secrets.io/v1alpha1', metadata: { name: 'one' } }
      const generated = { data: { a: 'hunter2' } }
      await post('/apis/generators.external-secrets.io/v1alpha1/namespaces/default/fakes', {
        ...generators,
        kind: 'Fake',
        spec: generated,
      })
      await post('/apis/generators.external-secrets.io/v1alpha1/clustergenerators', {
        ...generators,
        kind: 'ClusterGenerator',
        spec: { kind: 'Fake', generator: { fakeSpec: generated } },
      })
      const previewed = { secretStoreRef: { name: 'one' }, data: [{ secretKey: 'k', remoteRef: { key: '/a' } }] }
      const ready = async (): Promise<boolean> => {
        const path = '/apis/external-secrets.io/v1/namespaces/default/externalsecrets/one/preview'
        return /"value"/.test((await api.post(path, { spec: previewed })).text)
      }
      await until(ready)
      const metrics = await api.get('/metrics')
      t.match(metrics.text, /apiserver_audit_event_total \d+/)
      t.equal(statSync(path).mode & 0o777, 0o600)
      await until(async () => eventsOf(/secretstores/).length > 0)
    }
    const [shown] = eventsOf(/configmaps/)
    t.match(shown, { auditID: 'mine', level: 'RequestResponse', requestObject: { data: { shown: 'plainly' } } })
    const [hidden] = eventsOf(/\/secrets$/)
    t.match(hidden, { level: 'Metadata', verb: 'create', objectRef: { name: 'one' }, responseStatus: { code: 201 } })
    const [preview] = eventsOf(/preview/)
    t.match(preview, { level: 'Metadata', objectRef: { subresource: 'preview' }, responseObject: undefined })
    t.equal(eventsOf(/metrics/).length, 1, 'what was answered before the end is there after it')
    const everything = readFileSync(path, 'utf8')
    t.notMatch(everything, /hunter2/)
    t.notMatch(everything, new RegExp(Buffer.from('hunter2').toString('base64').replace(/=+$/, '')))
  },
)
