import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lineMatching } from '../../support/kubectl.ts'
import type { Check } from './check.ts'
import { externalSecret } from './manifests.ts'

/** Ways to look at what is there, in a namespace that has an ExternalSecret `one`. */
export const readingChecks: readonly Check[] = [
  [
    'get sorts, selects, pages and shows labels and columns of one’s own',
    async (t, kubectl) => {
      const labelled = externalSecret('v1', 'two').replace('{name: two,', '{name: two, labels: {app: two},')
      await kubectl.ok('apply -f -', labelled)
      await kubectl.ok('wait es --all -n demo --for=condition=Ready --timeout=10s')
      const names = await kubectl.ok('get es -n demo --sort-by=.metadata.creationTimestamp --no-headers --chunk-size=2')
      t.match(names, /^one [^]*\ntwo [^]*$/)
      t.equal(await kubectl.ok('get es -n demo -l app -o name'), 'externalsecret.external-secrets.io/two\n')
      const chosen = await kubectl.run(['get', 'es', '-n', 'demo', '-l', 'app in (two, three)', '-L', 'app'])
      t.match(chosen.stdout, /^NAME .* APP\ntwo .* two\n$/)
      t.match(await kubectl.ok('get es two -n demo --show-labels'), /LABELS\n.* app=two\n/)
      t.match(
        await kubectl.ok('get es -A -o custom-columns=NS:.metadata.namespace,READY:.status.conditions[0].status'),
        /^NS +READY\ndemo +True\n/,
      )
      t.match(await kubectl.ok('get es two -n demo --server-print=false'), /^NAME +AGE\ntwo +\d+s\n$/)
      t.match(await kubectl.ok('get es/two ss/fake secret/two -n demo'), /externalsecret[^]*secretstore[^]*secret\/two/)
    },
  ],
  [
    'get --raw answers what lies at a path',
    async (t, kubectl) => {
      t.equal(await kubectl.ok('get --raw /healthz'), 'ok')
      t.match(JSON.parse(await kubectl.ok('get --raw /version')), { major: '1' })
      const path = '/apis/external-secrets.io/v1/namespaces/demo/externalsecrets/two'
      t.match(JSON.parse(await kubectl.ok(`get --raw ${path}`)), { kind: 'ExternalSecret', metadata: { name: 'two' } })
    },
  ],
  [
    'get --watch-only shows what comes and not what is',
    async (t, kubectl) => {
      const words = ['get', 'es', '-n', 'demo', '--watch-only', '--output-watch-events', '--no-headers']
      const watching = kubectl.start(words)
      try {
        let first: string | undefined
        const seen = lineMatching(watching, /./).then((line) => (first = line))
        for (let round = 0; first === undefined; round += 1) {
          await kubectl.ok(`annotate es two -n demo --overwrite round=${round}`)
        }
        t.match(await seen, /^MODIFIED +two /)
      } finally {
        watching.kill()
      }
    },
  ],
  [
    'the status subresource is read, patched, edited and replaced',
    async (t, kubectl) => {
      t.match(await kubectl.ok('get es two -n demo --subresource=status'), /two .* True/)
      const refreshTime = '2026-01-02T03:04:05Z'
      const body = JSON.stringify({ spec: { refreshInterval: '9h' }, status: { refreshTime } })
      await kubectl.ok(`patch es two -n demo --subresource=status --type=merge -p ${body}`)
      const read = 'get es two -n demo -o jsonpath={.spec.refreshInterval},{.status.refreshTime}'
      t.equal(await kubectl.ok(read), `1h,${refreshTime}`)
      const editor = join(kubectl.home, 'status-editor.sh')
      writeFileSync(editor, '#!/bin/sh\nsed -i "s/2026-01-02T03:04:05Z/2026-01-02T03:04:06Z/" "$1"\n')
      chmodSync(editor, 0o755)
      const edited = await kubectl.run(['edit', 'es', 'two', '-n', 'demo', '--subresource=status'], {
        env: { KUBE_EDITOR: editor },
      })
      t.equal(edited.code, 0, edited.stderr)
      t.equal(await kubectl.ok(read), '1h,2026-01-02T03:04:06Z')
      const object = await kubectl.ok('get es two -n demo -o json')
      await kubectl.ok('replace --subresource=status -f -', object.replace('03:04:06Z', '03:04:07Z'))
      t.equal(await kubectl.ok(read), '1h,2026-01-02T03:04:07Z')
    },
  ],
  [
    'wait looks at JSON paths and at how long',
    async (t, kubectl) => {
      const condition = '--for=jsonpath={.status.conditions[0].status}'
      t.match(await kubectl.ok(`wait es/two -n demo ${condition}=True --timeout=5s`), /condition met/)
      // In so long a time it gets to its first look, whose own end in time it would tell in other words.
      t.match(await kubectl.refused('wait', 'es/two', '-n', 'demo', `${condition}=False`, '--timeout=2s'), /timed out/)
      t.match(await kubectl.refused('wait', 'es/two', '-n', 'demo', '--for=delete', '--timeout=2s'), /timed out/)
    },
  ],
  [
    'wait --for=create sees an object come',
    async (t, kubectl) => {
      const waiting = kubectl.ok('wait es/later -n demo --for=create --timeout=10s')
      await kubectl.ok('apply -f -', externalSecret('v1', 'later'))
      t.match(await waiting, /later condition met/)
      await kubectl.ok('delete es later -n demo')
    },
    '1.35',
  ],
  [
    'events are told by object, by type and in the order of time',
    async (t, kubectl) => {
      const table = await kubectl.ok('events -n demo --for externalsecret/two')
      t.match(
        table,
        /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\d+s +Normal +Created +ExternalSecret\/two +secret created\n/,
      )
      t.notMatch(table, /ExternalSecret\/one/)
      t.match(await kubectl.ok('events -A --types=Warning'), /demo .* StoreUnmaintained/)
      const fields = 'involvedObject.kind=ExternalSecret,involvedObject.name=two,reason=Created'
      const events = await kubectl.ok(`get events -n demo --field-selector ${fields} --sort-by=.lastTimestamp`)
      t.match(events, /externalsecret\/two +secret created/)
    },
  ],
  [
    'the server says what it is and what it serves',
    async (t, kubectl) => {
      t.match(await kubectl.ok('version'), /Server Version: v1\.\d+/)
      t.match(
        await kubectl.ok('api-resources --categories=external-secrets -o name'),
        /^clustersecretstores.*\nexternalsecrets.*\nsecretstores.*\nacraccesstokens\.generators.*\n/,
      )
      const wide = await kubectl.ok('api-resources --namespaced=false --verbs=list,patch -o wide --no-headers')
      t.match(wide, /^namespaces [^]*clustersecretstores +css [^]*$/)
      t.notMatch(wide, /externalsecrets/)
      const old = await kubectl.ok('explain externalsecret.spec.target --output=plaintext-openapiv2')
      t.match(old, /KIND: +ExternalSecret[^]*creationPolicy\t<string>/)
      t.match(await kubectl.ok('explain secret.stringData'), /FIELD: +stringData <map\[string\]string>/)
      t.match(await kubectl.refused('explain', 'externalsecret.spec.nope'), /field "nope" does not exist/)
    },
  ],
  [
    '--as looks through the eyes of another',
    async (t, kubectl) => {
      const says = await kubectl.refused('get', 'es', '-n', 'demo', '--as=bob')
      t.match(says, /User "bob" cannot list resource "externalsecrets" in API group "external-secrets\.io"/)
      t.match(await kubectl.ok('get es -n demo -o name --as=bob --as-group=system:masters'), /two/)
      t.match(await kubectl.refused('auth', 'can-i', 'create', 'externalsecrets', '--as=bob'), /^no/m)
    },
  ],
  [
    'what is not served fails clearly',
    async (t, kubectl) => {
      const missing = /could not find the requested resource/
      t.match(await kubectl.refused('scale', 'es/two', '-n', 'demo', '--replicas=2'), missing)
      t.match(await kubectl.refused('create', 'deployment', 'd', '--image=i'), missing)
      t.match(await kubectl.refused('get', 'pods'), /doesn't have a resource type "pods"/)
      t.match(
        await kubectl.refused('get', 'es', 'nope', '-n', 'demo'),
        /externalsecrets\.external-secrets\.io "nope" not found/,
      )
      t.match(
        await kubectl.refused('get', 'es', '-n', 'demo', '--field-selector', 'spec.nope=1'),
        /field label not supported/,
      )
    },
  ],
]
