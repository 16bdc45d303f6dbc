import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseSnapshot } from '../../storage/archive/snapshot.ts'
import { ServerProcess } from '../../test/support/server-process.ts'
import { until } from '../../test/support/until.ts'
import { WatchStream } from '../../test/support/watch-stream.ts'
import { program } from '../../test/support/program.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const canaries = '/api/v1/namespaces/default/secrets'
const archive = '/apis/external-secrets.io/v1/snapshots/current'

t.test('a snapshot of a running server, and the way back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const tokens = join(folder, 'tokens.csv')
  writeFileSync(tokens, 'token-of-eve,eve,eve\n', { mode: 0o600 })
  await using server = await ServerProcess.start(['--token-auth-file', tokens])
  await using api = server.client()
  const file = join(folder, 'snapshot')
  const snapshot = (...args: string[]) => program('snapshot', '--out', file, '--kubeconfig', server.kubeconfig, ...args)
  const restore = (...args: string[]) => program('restore', '--kubeconfig', server.kubeconfig, '--from', ...args)
  const put = async (path: string, name: string, data: Record<string, string>) => {
    const body = { apiVersion: 'v1', kind: path === canaries ? 'Secret' : 'ConfigMap', metadata: { name }, data }
    const made = await api.post(path, body)
    return made.status === 409 ? api.call('PUT', `${path}/${name}`, { body }) : made
  }
  const valueOf = async (path: string) => (await api.get(path)).json['data']?.['value']
  const value = Buffer.from('canary').toString('base64')
  await put(canaries, 'kept', { value })
  const before = await put(configMaps, 'deleted', { value: 'then' })
  await put(configMaps, 'first', { value: '0' })
  await put(configMaps, 'second', { value: '0' })

  await t.test('it shows one revision, however much is written meanwhile', async (t) => {
    let isOver = false
    let turns = 0
    const writing = (async () => {
      for (; !isOver; turns += 1) {
        await put(configMaps, 'first', { value: String(turns) })
        await put(configMaps, 'second', { value: String(turns) })
      }
    })()
    const made = await snapshot()
    isOver = true
    await writing
    t.match(made, { code: 0, stdout: /^store [0-9a-f-]{36} at revision \d+: \d+ records\n$/, stderr: '' })
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.notOk(existsSync(`${file}.partial`))
    const { header, entries } = parseSnapshot(readFileSync(file))
    t.ok(entries.every(({ revision }) => revision <= header.revision))
    const turnOf = (name: string): number => {
      const bytes = entries.find(({ key }) => key.endsWith(`/configmaps/default/${name}`))?.value ?? new Uint8Array()
      return Number(/"value":"(\d+)"/.exec(Buffer.from(bytes).toString())?.[1])
    }
    t.ok(turns > 1)
    t.ok([0, 1].includes(turnOf('first') - turnOf('second')), `${turnOf('first')} comes before ${turnOf('second')}`)
  })

  await t.test('it takes a right that a rule for the whole group does not give', async (t) => {
    const rules = [{ apiGroups: ['external-secrets.io'], resources: ['*'], verbs: ['*'] }]
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    const apiVersion = 'rbac.authorization.k8s.io/v1'
    const role = (rules: unknown) => ({ apiVersion, kind: 'ClusterRole', metadata: { name: 'eve' }, rules })
    await api.post(`${rbac}/clusterroles`, role(rules))
    await api.post(`${rbac}/clusterrolebindings`, {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'eve' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'eve' },
      subjects: [{ kind: 'User', name: 'eve', apiGroup: 'rbac.authorization.k8s.io' }],
    })
    const headers = { 'impersonate-user': 'eve' }
    const list = '/apis/external-secrets.io/v1/externalsecrets'
    await until(async () => (await api.call('GET', list, { headers })).status === 200)
    t.match(await api.call('GET', archive, { headers }), { status: 403, text: /a right to the path \/snapshot too/ })
    t.match(await api.call('PUT', archive, { headers, body: readFileSync(file) }), { status: 403 })
    const more = { nonResourceURLs: ['/snapshot'], verbs: ['get'] }
    await api.call('PUT', `${rbac}/clusterroles/eve`, { body: role([...rules, more]) })
    await until(async () => (await api.call('GET', archive, { headers })).status === 200)
    t.match(await api.call('PUT', archive, { headers, body: readFileSync(file) }), { status: 403 })
    t.equal((await api.call('DELETE', archive)).status, 405)
    t.equal((await api.get(`${archive}s`)).status, 404)
    await api.call('DELETE', `${rbac}/clusterrolebindings/eve`)
    await api.call('DELETE', `${rbac}/clusterroles/eve`)
  })

  await put(canaries, 'kept', { value: Buffer.from('other').toString('base64') })
  await api.call('DELETE', `${configMaps}/deleted`)
  const since = await put(configMaps, 'new', { value: 'now' })
  const revision = async () => Number((await api.get(configMaps)).json['metadata']?.['resourceVersion'])
  const isAsItWas = async (t: Test) => {
    t.equal((await api.get(`${configMaps}/deleted`)).status, 404)
    t.same((await api.get(`${configMaps}/new`)).json, since.json)
  }

  await t.test('a file that is not whole changes nothing', async (t) => {
    const whole = readFileSync(file)
    const altered = Buffer.from(whole)
    altered[whole.length - 100] = (altered[whole.length - 100] ?? 0) ^ 1
    const watch = await WatchStream.open(api, `${configMaps}?watch=true&resourceVersion=${await revision()}`)
    for (const bytes of [altered, whole.subarray(0, -1), Buffer.from('{}'), Buffer.alloc(0)]) {
      const answer = await api.call('PUT', `${archive}?others=remove`, { body: bytes })
      t.match(answer, { status: 400, json: { message: /^corrupt: the snapshot: / } })
    }
    writeFileSync(join(folder, 'altered'), altered)
    t.match(await restore(join(folder, 'altered')), { code: 2, stderr: /--from: .*altered: corrupt: the snapshot/ })
    t.match(await restore(join(folder, 'nothing')), { code: 1 })
    await isAsItWas(t)
    await put(configMaps, 'after', { value: '' })
    t.match(await watch.next(), { type: 'ADDED', object: { metadata: { name: 'after' } } }, 'the watch goes on')
    await api.call('DELETE', `${configMaps}/after`)
  })

  await t.test('what is not in the snapshot is asked about first', async (t) => {
    const refused = await restore(file)
    t.match(refused, {
      code: 1,
      stdout: '',
      stderr: /^nothing was restored: .*: configmaps default\/new\n--others=keep/,
    })
    await isAsItWas(t)
    t.equal((await api.call('PUT', `${archive}?others=what`, { body: readFileSync(file) })).status, 400)
  })

  await t.test('everything is as it was then, and every client begins anew', async (t) => {
    const last = await revision()
    const watch = await WatchStream.open(api, `${configMaps}?watch=true&resourceVersion=${last}`)
    const done = await restore(file, '--others', 'keep')
    t.match(done, { code: 0, stdout: /^\d+ objects restored, 1 others kept, 0 removed\n$/ })
    t.match(await watch.next(), { type: 'ERROR', object: { code: 410, reason: 'Expired' } })
    await until(async () => (await api.get(`${configMaps}/deleted`)).status === 200)
    await until(async () => (await api.get(`${canaries}/kept`)).status === 200)
    const back = await api.get(`${configMaps}/deleted`)
    t.same(back.json['data'], { value: 'then' })
    t.equal(back.json['metadata']?.['uid'], before.json['metadata']?.['uid'])
    t.equal(await valueOf(`${canaries}/kept`), value)
    t.equal(await valueOf(`${configMaps}/new`), 'now')
    t.ok(Number(back.json['metadata']?.['resourceVersion']) > last, 'no number is given twice')
    const stale = await WatchStream.open(api, `${configMaps}?watch=true&resourceVersion=${last}`)
    t.match(await stale.next(), { type: 'ERROR', object: { code: 410 } })
    const stalePage = await api.get(`${configMaps}?resourceVersion=${last}&resourceVersionMatch=Exact`)
    t.equal(stalePage.status, 410)
    t.match(await put(configMaps, 'written', { value: '' }), { status: 201 })

    t.match(await restore(file, '--others=remove'), { code: 0, stdout: /, 0 others kept, 2 removed\n$/ })
    await until(async () => (await api.get(`${configMaps}/new`)).status === 404)
    t.match(server.log, /"msg":"a snapshot was restored"/)
    t.notMatch(server.log + done.stdout + done.stderr, 'canary')
    await server.restart()
    await using again = server.client()
    t.same((await again.get(`${configMaps}/deleted`)).json['data'], { value: 'then' })
    t.equal((await again.get(`${configMaps}/new`)).status, 404)
  })
})
