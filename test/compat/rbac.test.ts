import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import t from 'tap'
import { Kubectl } from '../support/kubectl.ts'
import { type PeerName, peerPath, skipWithout } from '../support/peers.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { pluginPath } from '../support/program.ts'

/** Users, rights and tokens of a standalone server, as people look at them with kubectl. */
const versions = [
  ['1.35', 'kubectl-v35'],
  ['1.28', 'kubectl-v28'],
] as const satisfies readonly (readonly [string, PeerName])[]

const manifests = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: store-user, namespace: shop}
rules: [{apiGroups: [external-secrets.io], resources: [secretstores], verbs: [use]}]
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: fake, namespace: shop}
spec: {provider: {fake: {data: [{key: /db, value: hunter2}]}}}
`

const externalSecret = `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: shop}
spec:
  secretStoreRef: {name: fake}
  data: [{secretKey: password, remoteRef: {key: /db}}]
`

interface Config {
  readonly users: readonly { readonly name: string; readonly user: object }[]
}

t.setTimeout(120_000)
for (const [version, peer] of versions) {
  t.test(`kubectl ${version}`, { skip: skipWithout(peer) }, async (t) => {
    await using server = await ServerProcess.start(['--storage-backend', 'memory'])
    using kubectl = new Kubectl(peerPath(peer), server.kubeconfig)
    await kubectl.ok('create namespace shop')
    await kubectl.ok('create serviceaccount deployer -n shop')
    await kubectl.ok('apply -f -', manifests)

    await t.test('whoami and can-i say who and what', async (t) => {
      t.match(await kubectl.ok('auth whoami'), /Username\s+admin[\s\S]*system:masters/)
      t.match(await kubectl.ok('auth can-i delete secretstores'), /^yes/)
      t.match(await kubectl.refused('auth', 'can-i', 'get', 'secrets', '--as', 'ann'), /^no/m)
      const list = await kubectl.ok('auth can-i --list --as ann --as-group system:authenticated -n shop')
      t.match(list, /selfsubjectaccessreviews.authorization.k8s.io\s+\[\]\s+\[\]\s+\[create\]/)
      t.match(list, /\[\/api\/\*\]/)
    })

    await t.test('a role that is bound holds at once, where it is bound', async (t) => {
      const refused = await kubectl.refused('get', 'externalsecrets', '-n', 'shop', '--as', 'ann')
      t.equal(
        refused.trim(),
        'Error from server (Forbidden): externalsecrets.external-secrets.io is forbidden: User "ann" cannot list ' +
          'resource "externalsecrets" in API group "external-secrets.io" in the namespace "shop"',
      )
      const writer = '--verb=get,list,create,patch --resource=externalsecrets.external-secrets.io'
      await kubectl.ok(`create role writer -n shop ${writer}`)
      await kubectl.ok('create rolebinding ann -n shop --role=writer --user=ann')
      await until(async () => (await kubectl.run(['get', 'es', '-n', 'shop', '--as', 'ann'])).code === 0)
      t.match(await kubectl.refused('get', 'es', '-n', 'default', '--as', 'ann'), /Forbidden/)
      t.match(await kubectl.ok('get rolebindings -n shop'), /ann\s+Role\/writer\s/)
      t.match(await kubectl.ok('describe rolebinding ann -n shop'), /User\s+ann/)
    })

    await t.test('who may write an ExternalSecret may not use every store', async (t) => {
      const apply = () => kubectl.run(['apply', '-f', '-', '--as', 'ann'], { input: externalSecret })
      t.match((await apply()).stderr, /User "ann" cannot use resource "secretstores"/)
      await kubectl.ok('create rolebinding ann-uses -n shop --role=store-user --user=ann')
      await until(async () => (await apply()).code === 0)
      await until(async () => (await kubectl.run(['get', 'secret', 'db', '-n', 'shop'])).code === 0)
    })

    await t.test('verbs are reached with create --raw, and the plugin makes them comfortable', async (t) => {
      const at = '/apis/external-secrets.io/v1/namespaces/shop'
      const raw = await kubectl.ok(`create --raw ${at}/externalsecrets/db/refresh -f -`, '{}')
      t.match(JSON.parse(raw), { kind: 'ExternalSecretRefresh', status: { synced: true } })
      const folder = join(kubectl.home, 'bin')
      mkdirSync(folder)
      symlinkSync(peerPath(peer), join(folder, 'kubectl'))
      const script = `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(pluginPath)} "$@"\n`
      writeFileSync(join(folder, 'kubectl-eso'), script, { mode: 0o755 })
      const eso = (words: string, input = '') => {
        const env = { HOME: kubectl.home, KUBECONFIG: server.kubeconfig, PATH: `${folder}${delimiter}/usr/bin:/bin` }
        return spawnSync(join(folder, 'kubectl'), ['eso', ...words.split(' ')], { input, env, encoding: 'utf8' })
      }
      t.match(eso('refresh db -n shop').stdout, /^Ready True: secret synced\n/)
      t.match(eso('preview db -n shop --show-values').stdout, /password +7 +[0-9a-f]{12} +fake \/db +"hunter2"/)
      const changed = externalSecret.replace('key: /db', 'key: /none')
      const preview = eso('preview db -n shop -f -', changed)
      t.match(preview.stdout, /error: spec\.data\[0\]: .*does not exist/)
      t.equal(preview.status, 1)
      t.match(JSON.parse(eso('effective db -n shop').stdout), { spec: { target: { name: 'db' } } })
      t.match(eso('test fake -n shop --key /db').stdout, /^The store can be used to read, find\.\nLogin +Passed/)
      t.match(eso('refresh-store fake -n shop --key /db').stdout, /^1 ExternalSecrets/)
      const refused = eso('refresh db -n shop --as eve')
      t.match(refused.stderr, /Forbidden.*cannot create resource "externalsecrets\/refresh"/)
      t.equal(refused.status, 1)
    })

    await t.test('the first roles are gathered, and edit may use the stores of a namespace alone', async (t) => {
      await kubectl.ok('create rolebinding bob -n shop --clusterrole=edit --user=bob')
      const canI = async (what: string) => (await kubectl.run(`auth can-i ${what} --as bob -n shop`.split(' '))).stdout
      await until(async () => (await canI('get secrets')).startsWith('yes'))
      t.match(await canI('use secretstores.external-secrets.io'), /^yes/)
      t.match(await canI('use clustersecretstores.external-secrets.io'), /^no/)
      t.match(await canI('create rolebindings.rbac.authorization.k8s.io'), /^no/)
      const admin = await kubectl.ok('get clusterrole admin -o yaml')
      t.match(admin, /rolebindings/)
      t.match(admin, /- use/)
      const denied = await kubectl.refused('auth', 'can-i', 'get', 'pods', '--as', 'cay', '--as-group', 'x')
      t.match(denied, /^no/m)
    })

    await t.test('a token of a ServiceAccount is that account, until it is gone', async (t) => {
      const token = (await kubectl.ok('create token deployer -n shop --duration 15m')).trim()
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
      t.match(claims, { sub: 'system:serviceaccount:shop:deployer', 'kubernetes.io': { namespace: 'shop' } })
      const config = JSON.parse(readFileSync(server.kubeconfig, 'utf8')) as Config
      const path = join(kubectl.home, 'as-account')
      writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }))
      using account = new Kubectl(peerPath(peer), path)
      t.match(await account.ok('auth whoami'), /Username\s+system:serviceaccount:shop:deployer/)
      t.match(
        await account.refused('get', 'es', '-n', 'shop'),
        /User "system:serviceaccount:shop:deployer" cannot list/,
      )
      await kubectl.ok('create rolebinding deployer -n shop --role=writer --serviceaccount=shop:deployer')
      await until(async () => (await account.run(['get', 'es', '-n', 'shop'])).code === 0)
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
      const reviews = '/apis/authentication.k8s.io/v1/tokenreviews'
      const reviewed = await kubectl.ok(`create -f - --raw ${reviews}`, JSON.stringify(review))
      t.match(JSON.parse(reviewed), {
        status: { authenticated: true, user: { username: 'system:serviceaccount:shop:deployer' } },
      })
      const unknown = await kubectl.ok(
        `create -f - --raw ${reviews}`,
        JSON.stringify({ ...review, spec: { token: 'x' } }),
      )
      t.same((JSON.parse(unknown) as { status: object }).status, { user: {}, error: 'invalid bearer token' })
      const other = (await kubectl.ok('create token deployer -n shop --audience vault')).trim()
      writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token: other } }] }))
      t.match(await account.refused('get', 'es', '-n', 'shop'), /must be logged in/)
      writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }))
      await kubectl.ok('delete serviceaccount deployer -n shop')
      t.match(await account.refused('get', 'es', '-n', 'shop'), /must be logged in/)
      t.match(
        await kubectl.refused('create', 'token', 'deployer', '-n', 'shop'),
        /serviceaccounts "deployer" not found/,
      )
      t.match(
        await kubectl.refused('create', 'token', 'default', '-n', 'shop', '--duration', '1m'),
        /spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes/,
      )
    })
  })
}
