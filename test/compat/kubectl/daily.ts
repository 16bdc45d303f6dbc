import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lineMatching } from '../../support/kubectl.ts'
import type { Check } from './check.ts'
import { externalSecret, namespace, store } from './manifests.ts'

/** Objects come, change and go, one at a time. */
export const dailyChecks: readonly Check[] = [
  [
    'api-resources, categories and short names find our kinds',
    async (t, kubectl) => {
      const resources = await kubectl.ok('api-resources --api-group=external-secrets.io')
      t.match(resources, /externalsecrets +es +external-secrets\.io\/v1 +true +ExternalSecret/)
      t.match(resources, /clustersecretstores +css +external-secrets\.io\/v1 +false +ClusterSecretStore/)
      t.match(await kubectl.ok('api-versions'), /external-secrets\.io\/v1beta1/)
    },
  ],
  [
    'apply creates, applies again without change, and syncs a Secret',
    async (t, kubectl) => {
      t.match(await kubectl.ok('apply -f -', namespace), /namespace\/demo created/)
      t.match(await kubectl.ok('apply -f -', store), /secretstore\.external-secrets\.io\/fake created/)
      t.match(
        await kubectl.ok('apply -f -', externalSecret('v1', 'one')),
        /externalsecret\.external-secrets\.io\/one created/,
      )
      await kubectl.ok('wait -n demo es/one --for=condition=Ready --timeout=10s')
      t.match(await kubectl.ok('apply -f -', externalSecret('v1', 'one')), /one unchanged/)
      const encoded = await kubectl.ok('get secret one -n demo -o jsonpath={.data.user}')
      t.equal(Buffer.from(encoded, 'base64').toString(), 'admin')
    },
  ],
  [
    'create makes namespaces, Secrets, ConfigMaps and ServiceAccounts from the command line',
    async (t, kubectl) => {
      t.equal(await kubectl.ok('create namespace made'), 'namespace/made created\n')
      await kubectl.ok('create secret generic values -n made --from-literal=user=admin --from-literal=empty=')
      t.equal(
        await kubectl.ok('get secret values -n made -o jsonpath={.type},{.data}'),
        'Opaque,{"empty":"","user":"YWRtaW4="}',
      )
      await kubectl.ok('create configmap settings -n made --from-literal=a=b')
      t.equal(await kubectl.ok('get configmap settings -n made -o jsonpath={.data}'), '{"a":"b"}')
      t.equal(await kubectl.ok('create serviceaccount robot -n made'), 'serviceaccount/robot created\n')
      const again = await kubectl.run(['create', 'configmap', 'settings', '-n', 'made'])
      t.match(again, { code: 1, stderr: /configmaps "settings" already exists/ })
      const deleted = await kubectl.ok('delete secret/values configmap/settings serviceaccount/robot -n made')
      t.match(deleted, /secret "values" deleted[^]*configmap "settings" deleted[^]*serviceaccount "robot" deleted/)
      t.match(await kubectl.ok('delete namespace made --timeout=20s'), /namespace "made" deleted/)
    },
  ],
  [
    'get prints tables, wide tables, YAML, names, by short name and by category',
    async (t, kubectl) => {
      const table = await kubectl.ok('get es -n demo')
      t.match(table, /^NAME +STORETYPE +STORE +REFRESH INTERVAL +STATUS +READY/)
      t.match(table, /one +SecretStore +fake +1h +SecretSynced +True/)
      t.match(await kubectl.ok('get es -n demo -o wide'), /NAME/)
      t.match(await kubectl.ok('get es one -n demo -o yaml'), /kind: ExternalSecret/)
      t.match(await kubectl.ok('get external-secrets -n demo -o name'), /externalsecret\.external-secrets\.io\/one/)
      t.match(await kubectl.ok('get ss -A'), /demo +fake/)
      t.match(await kubectl.ok('get es -n demo --field-selector spec.secretStoreRef.name=fake -o name'), /one/)
      t.equal(await kubectl.ok('get es -n demo --field-selector spec.secretStoreRef.name=other -o name'), '')
    },
  ],
  [
    'describe shows the object with its events',
    async (t, kubectl) => {
      const text = await kubectl.ok('describe es one -n demo')
      t.match(text, /Kind: +ExternalSecret/)
      t.match(text, /Reason: +SecretSynced/)
      t.match(text, /Created .* secret created/)
    },
  ],
  [
    'explain knows every version and the depth of spec',
    async (t, kubectl) => {
      t.match(await kubectl.ok('explain externalsecret.spec.data.remoteRef.key'), /key <string> +-required-|KIND/)
      for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
        const text = await kubectl.ok(`explain externalsecret.spec --api-version=external-secrets.io/${version}`)
        t.match(text, /refreshInterval/, version)
      }
      t.match(await kubectl.ok('explain secretstore.spec.provider.vault --recursive'), /auth/)
    },
  ],
  [
    'get -w shows a change as it happens',
    async (t, kubectl) => {
      const watching = kubectl.start(['get', 'es', '-n', 'demo', '-w', '-o', 'jsonpath={.metadata.labels.seen}{"\\n"}'])
      try {
        const seen = lineMatching(watching, /^live$/)
        await kubectl.ok('label es one -n demo seen=live')
        t.equal(await seen, 'live')
      } finally {
        watching.kill()
      }
    },
  ],
  [
    'label and annotate add and remove',
    async (t, kubectl) => {
      await kubectl.ok('label es one -n demo seen-')
      await kubectl.ok('annotate es one -n demo note=hello')
      t.equal(await kubectl.ok('get es one -n demo -o jsonpath={.metadata.annotations.note}'), 'hello')
      t.match(await kubectl.ok('annotate es one -n demo note=again --overwrite'), /annotated/)
    },
  ],
  [
    'patch speaks JSON patch and merge patch, and says 415 to a strategic merge',
    async (t, kubectl) => {
      await kubectl.ok('patch es one -n demo --type=merge -p {"spec":{"refreshInterval":"2h"}}')
      await kubectl.ok(
        'patch es one -n demo --type=json -p [{"op":"replace","path":"/spec/refreshInterval","value":"3h"}]',
      )
      t.equal(await kubectl.ok('get es one -n demo -o jsonpath={.spec.refreshInterval}'), '3h')
      const strategic = await kubectl.run(['patch', 'es', 'one', '-n', 'demo', '--type=strategic', '-p', '{"spec":{}}'])
      t.not(strategic.code, 0)
      t.match(strategic.stderr, /not supported|UnsupportedMediaType|strategic/i)
      t.match(await kubectl.ok('patch secret one -n demo -p {"metadata":{"labels":{"core":"yes"}}}'), /patched/)
    },
  ],
  [
    'edit through a scripted editor changes the object',
    async (t, kubectl) => {
      const editor = join(kubectl.home, 'editor.sh')
      writeFileSync(editor, '#!/bin/sh\nsed -i "s/refreshInterval: 3h/refreshInterval: 4h/" "$1"\n')
      chmodSync(editor, 0o755)
      const result = await kubectl.run(['edit', 'es', 'one', '-n', 'demo'], { env: { KUBE_EDITOR: editor } })
      t.equal(result.code, 0, result.stderr)
      t.equal(await kubectl.ok('get es one -n demo -o jsonpath={.spec.refreshInterval}'), '4h')
    },
  ],
  [
    'diff shows what apply would change, and nothing when there is nothing',
    async (t, kubectl) => {
      await kubectl.ok('apply -f -', externalSecret('v1', 'diffed'))
      const same = await kubectl.run(['diff', '-f', '-'], { input: externalSecret('v1', 'diffed') })
      t.equal(same.code, 0, same.stderr + same.stdout)
      const other = await kubectl.run(['diff', '-f', '-'], { input: externalSecret('v1', 'diffed', '/db/password') })
      t.equal(other.code, 1, other.stderr)
      t.match(other.stdout, /\+ +key: \/db\/password/)
    },
  ],
  [
    'server-side apply tells a conflict and forces it when asked',
    async (t, kubectl) => {
      await kubectl.ok('apply --server-side --field-manager=first -f -', externalSecret('v1', 'owned'))
      const words = ['apply', '--server-side', '--field-manager=second', '-f', '-']
      const conflict = await kubectl.run(words, {
        input: externalSecret('v1', 'owned', '/db/password').replace('1h', '5h'),
      })
      t.equal(conflict.code, 1)
      t.match(conflict.stderr, /conflicts? with "first"[^]*\.spec\.refreshInterval/)
      const forced = [...words, '--force-conflicts']
      const taken = await kubectl.run(forced, { input: externalSecret('v1', 'owned').replace('1h', '5h') })
      t.equal(taken.code, 0, taken.stderr)
      t.equal(await kubectl.ok('get es owned -n demo -o jsonpath={.spec.refreshInterval}'), '5h')
    },
  ],
  [
    'every version is applied and read back in every other',
    async (t, kubectl) => {
      const versions = ['v1', 'v1beta1', 'v1alpha1']
      for (const version of versions) {
        await kubectl.ok('apply -f -', externalSecret(version, `in-${version}`))
        for (const other of versions) {
          const read = await kubectl.ok(
            `get externalsecrets.${other}.external-secrets.io in-${version} -n demo -o json`,
          )
          t.match(JSON.parse(read), { apiVersion: `external-secrets.io/${other}`, spec: { refreshInterval: '1h' } })
        }
        const again = await kubectl.run(['diff', '-f', '-'], { input: externalSecret(version, `in-${version}`) })
        t.equal(again.code, 0, again.stdout)
      }
    },
  ],
  [
    'replace puts the whole object, and refuses a stale one',
    async (t, kubectl) => {
      const object = JSON.parse(await kubectl.ok('get es one -n demo -o json')) as { spec: object }
      const replaced = JSON.stringify({ ...object, spec: { ...object.spec, refreshInterval: '6h' } })
      t.match(await kubectl.ok('replace -f -', replaced), /replaced/)
      const stale = await kubectl.run(['replace', '-f', '-'], { input: replaced })
      t.not(stale.code, 0)
      t.match(stale.stderr, /the object has been modified/)
    },
  ],
  [
    'unknown fields are refused before and by the server',
    async (t, kubectl) => {
      const typo = externalSecret('v1', 'typo').replace('refreshInterval', 'refreshIntervall')
      const refused = await kubectl.run(['apply', '-f', '-'], { input: typo })
      t.not(refused.code, 0)
      t.match(refused.stderr, /unknown field "spec\.refreshIntervall"/)
    },
  ],
  [
    'delete waits, and each --cascade does what it says',
    async (t, kubectl) => {
      for (const [name, cascade] of [
        ['back', 'background'],
        ['fore', 'foreground'],
      ] as const) {
        await kubectl.ok('apply -f -', externalSecret('v1', name))
        await kubectl.ok(`wait -n demo es/${name} --for=condition=Ready --timeout=10s`)
        await kubectl.ok(`delete es ${name} -n demo --cascade=${cascade} --timeout=10s`)
        await kubectl.ok(`wait -n demo secret/${name} --for=delete --timeout=10s`)
      }
      await kubectl.ok('apply -f -', externalSecret('v1', 'left'))
      await kubectl.ok('wait -n demo es/left --for=condition=Ready --timeout=10s')
      await kubectl.ok('delete es left -n demo --cascade=orphan --timeout=10s')
      t.match(await kubectl.ok('get secret left -n demo -o name'), /secret\/left/)
      const owners = await kubectl.ok('get secret left -n demo -o jsonpath={.metadata.ownerReferences}')
      t.equal(owners, '')
    },
  ],
]
