// The manifests that External Secrets Operator publishes as examples, as they stand, sent as kubectl sends them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import t from 'tap'
import { type ApiClient, type Json, listOf } from '../support/api-client.ts'
import { peerPath, skipWithout } from '../support/peers.ts'
import { ServerProcess } from '../support/server-process.ts'

const groups = ['external-secrets.io', 'generators.external-secrets.io']
/** What is not served yet: kinds and providers. */
const unservedKinds = ['ClusterExternalSecret', 'ClusterPushSecret', 'PushSecret']
const unservedProvider = /this provider is not served yet/

/** What the schemas and rules of the original refuse as well when kubectl sends it. */
const wrong: Readonly<Record<string, RegExp>> = {
  'full-cluster-secret-store.yaml': /spec\.provider: Too many: 5/,
  'full-secret-store.yaml': /spec\.provider: Too many: 3/,
  'generator-cloudsmith.yaml': /unknown field "spec\.apiHost"/,
  'generator-gcr.yaml': /serviceAccountRef\.name in body should be at least 1 chars long/,
  'ibm-external-secret-with-metadata.yaml': /unknown field "spec\.dataFrom\[0\]\.secretKey"/,
  'jwk-template-v2-external-secret.yaml': /either data or dataFrom should be specified/,
  'multiline-template-v1-external-secret.yaml': /unknown field "spec\.target\.engineVersion"/,
  'pkcs12-template-v1-external-secret.yaml': /Unsupported value: "v1": supported values: "v2"/,
  'vault-mtls-store.yaml': /unknown field "spec\.provider\.vault\.tls\.clientCert"/,
  'volcengine-external-secrets.yaml': /duplicate secretKey found: password/,
}

t.test('examples of upstream are applied unchanged', { skip: skipWithout('eso-examples') }, async (t) => {
  await using server = await ServerProcess.start()
  await using api = server.client()
  const refused = new Map<string, string>()
  const missingKinds = new Set<string>()
  let applied = 0
  for (const example of examples(peerPath('eso-examples'))) {
    const place = await placeOf(api, example.object)
    if (place === undefined) {
      missingKinds.add(String(example.object['kind']))
      continue
    }
    const answer = await api.call('POST', `${place}?fieldValidation=Strict`, { body: example.object })
    if (answer.status !== 201) {
      refused.set(example.file, String(answer.json['message']))
      continue
    }
    applied += 1
    const name = String(example.object['metadata']?.['name'])
    const { json } = await api.get(`${place}/${name}`)
    t.same(json['spec'], example.object['spec'], `${example.file}: what is applied is what is read`)
    t.equal((await api.call('DELETE', `${place}/${name}`)).status, 200)
  }
  t.same([...missingKinds].sort(), unservedKinds)
  const own = [...refused].filter(([, message]) => !unservedProvider.test(message))
  for (const [file, message] of own) t.match(message, wrong[file] ?? /^no known reason$/, file)
  t.same(own.map(([file]) => file).sort(), Object.keys(wrong).sort())
  t.ok(applied > 100, `${applied} applied, ${refused.size} refused, of them ${own.length} of providers that are served`)
})

interface Example {
  readonly file: string
  readonly object: Json
}

/** Documents of the groups that are served; what is a template for something else is no YAML. */
function* examples(folder: string): Generator<Example> {
  for (const file of readdirSync(folder).sort()) {
    for (const object of documentsOf(readFileSync(join(folder, file), 'utf8'))) {
      const [group = ''] = String(object?.['apiVersion']).split('/')
      if (groups.includes(group)) yield { file, object }
    }
  }
}

/** Marks of the documentation's generator stand around some of them. */
function documentsOf(text: string): readonly Json[] {
  try {
    return loadAll(text.replace(/\{% (end)?raw %\}/g, '')) as unknown as Json[]
  } catch {
    return []
  }
}

/** Undefined where the kind is not served. Namespaces are made as they are named. */
async function placeOf(api: ApiClient, { apiVersion, kind, metadata }: Json): Promise<string | undefined> {
  const { json } = await api.get(`/apis/${String(apiVersion)}`)
  const resource = listOf(json['resources']).find(
    (one) => String(one['kind']) === String(kind) && !String(one['name']).includes('/'),
  )
  if (resource === undefined) return undefined
  const place = `/apis/${String(apiVersion)}`
  if (!resource['namespaced']) return `${place}/${String(resource['name'])}`
  const namespace = String(metadata?.['namespace'] ?? 'default')
  await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  return `${place}/namespaces/${namespace}/${String(resource['name'])}`
}
