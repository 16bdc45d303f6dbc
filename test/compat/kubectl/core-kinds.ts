import type { Check } from './check.ts'

const secret = (data: string): string => `apiVersion: v1
kind: Secret
metadata: {name: pw, namespace: demo, labels: {a: b}}
${data}
`

const account = (names: string, pulls: string): string => `apiVersion: v1
kind: ServiceAccount
metadata: {name: runner, namespace: demo}
secrets: [${names}]
imagePullSecrets: [${pulls}]
`

/** Core kinds are patched by strategic merge, also by kubectl's apply. */
export const coreKindChecks: readonly Check[] = [
  [
    'apply goes on with a Secret, and takes away what it no longer says',
    async (t, kubectl) => {
      t.match(await kubectl.ok('apply -f -', secret('data: {user: bWU=, old: eA==}')), /secret\/pw created/)
      t.match(await kubectl.ok('apply -f -', secret('data: {user: bWU=, old: eA==}')), /secret\/pw unchanged/)
      await kubectl.ok('annotate secret pw -n demo theirs=kept')
      const encoded = secret('data: {user: eW91}')
      t.match(await kubectl.ok('apply -f -', encoded), /secret\/pw configured/)
      t.equal(await kubectl.ok('get secret pw -n demo -o=jsonpath={.data}'), '{"user":"eW91"}')
      const path = '-o=jsonpath={.data.user}/{.metadata.annotations.theirs}/{.metadata.labels.a}'
      t.equal(await kubectl.ok(`get secret pw -n demo ${path}`), 'eW91/kept/b')
      t.match(await kubectl.ok('apply -f -', encoded.replace('labels: {a: b}', 'labels: {c: d}')), /configured/)
      t.equal(await kubectl.ok('get secret pw -n demo -o=jsonpath={.metadata.labels}'), '{"c":"d"}')
      t.match(await kubectl.ok('apply -f -', encoded.replace('labels: {a: b}', 'labels: {c: d}')), /unchanged/)
      t.match(await kubectl.ok('patch secret pw -n demo -p {"data":{"user":null,"more":"eA=="}}'), /pw patched/)
      t.equal(await kubectl.ok('get secret pw -n demo -o=jsonpath={.data}'), '{"more":"eA=="}')
      t.match(await kubectl.ok('apply -f -', secret('stringData: {text: plain}')), /configured/)
      t.equal(await kubectl.ok('get secret pw -n demo -o=jsonpath={.data}'), '{"text":"cGxhaW4="}')
      await kubectl.ok('delete secret pw -n demo')
    },
  ],
  [
    'apply goes on with a Namespace',
    async (t, kubectl) => {
      const namespace = (labels: string): string =>
        `apiVersion: v1\nkind: Namespace\nmetadata: {name: applied, labels: {${labels}}}\n`
      t.match(await kubectl.ok('apply -f -', namespace('a: b')), /namespace\/applied created/)
      t.match(await kubectl.ok('apply -f -', namespace('a: b')), /namespace\/applied unchanged/)
      t.match(await kubectl.ok('apply -f -', namespace('c: d')), /namespace\/applied configured/)
      const labels = await kubectl.ok('get ns applied -o=jsonpath={.metadata.labels}')
      t.equal(labels, '{"c":"d","kubernetes.io/metadata.name":"applied"}')
      await kubectl.ok('delete ns applied')
    },
  ],
  [
    'lists of a ServiceAccount are merged by name, or replaced, as they are published',
    async (t, kubectl) => {
      await kubectl.ok('apply -f -', account('{name: a}, {name: b}', '{name: p}'))
      t.match(await kubectl.ok('apply -f -', account('{name: c}, {name: a}', '{name: q}')), /configured/)
      const names = '-o=jsonpath={.secrets[*].name}/{.imagePullSecrets[*].name}'
      t.equal(await kubectl.ok(`get sa runner -n demo ${names}`), 'c a/q')
      await kubectl.ok('patch sa runner -n demo -p {"secrets":[{"name":"d"}],"imagePullSecrets":[{"name":"r"}]}')
      t.equal(await kubectl.ok(`get sa runner -n demo ${names}`), 'd c a/r')
      await kubectl.ok('patch sa runner -n demo -p {"secrets":[{"name":"c","$patch":"delete"}]}')
      t.equal(await kubectl.ok(`get sa runner -n demo ${names}`), 'd a/r')
      await kubectl.ok('delete sa runner -n demo')
    },
  ],
]
