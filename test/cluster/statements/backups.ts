import assert from 'node:assert/strict'
import { patch } from '../../conformance/ask.ts'
import { expectObject } from '../../conformance/expect.ts'
import type { Statement } from '../../conformance/statement.ts'
import { type Json, listOf } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import type { World } from './world.ts'

const patient = { patienceMs: 120_000, everyMs: 200 }

/** What Velero takes off before it creates an object anew; the status goes as well. */
const cleared: ReadonlySet<string> = new Set([
  ...['generateName', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp'],
  ...['deletionTimestamp', 'deletionGracePeriodSeconds', 'ownerReferences'],
])

/** Backup and restore in Velero's steps: lists, a namespace that goes, creations, and managed fields put back. */
export function backups(world: World): readonly Statement[] {
  const { admin } = world
  const restore = async (path: string, { status: _, ...object }: Json): Promise<Json> => {
    const entries = Object.entries(object['metadata'] ?? {}).filter(([name]) => !cleared.has(name))
    const metadata = Object.fromEntries(entries)
    const { managedFields } = metadata
    const made = expectObject(await admin.post(path, { ...object, metadata }), 201)
    const at = `${path}/${String(metadata['name'])}`
    const { metadata: restored } = expectObject(await patch.merge(admin, at, { metadata: { managedFields } }))
    assert.deepEqual(fieldsOf(restored?.['managedFields']), fieldsOf(managedFields))
    return made
  }
  return [
    {
      number: 211,
      sentence: 'What a backup holds is created anew: with new UIDs and versions, and all else as it was.',
      play: async ({ namespace, widgets, create, addNamespace }) => {
        const at = `/api/v1/namespaces/${namespace}`
        const externalSecrets = `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets`
        await create('x', { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { size: 3 } })
        const stores = externalSecrets.replace('externalsecrets', 'secretstores')
        expectObject(await admin.post(stores, aStore), 201)
        expectObject(await admin.post(externalSecrets, anExternalSecret), 201)
        await until(async () => (await admin.get(`${at}/secrets/db`)).status === 200, patient)
        const paths = [widgets, `${at}/secrets`, externalSecrets, stores]
        const backup: (readonly [string, Json])[] = []
        for (const path of paths) {
          for (const item of listOf(expectObject(await admin.get(path))['items'])) backup.push([path, item])
        }
        expectObject(await admin.call('DELETE', at))
        await until(async () => (await admin.get(at)).status === 404, patient)
        await addNamespace(namespace)

        assert.equal(backup.length, paths.length)
        const made = new Map<string, Json>()
        for (const [path, before] of backup) {
          const after = await restore(path, before)
          made.set(path, after)
          assert.notEqual(after['metadata']?.['uid'], before['metadata']?.['uid'])
          const version = ({ metadata }: Json): number => Number(metadata?.['resourceVersion'])
          assert.ok(version(after) > version(before))
          for (const member of ['labels', 'annotations'])
            assert.deepEqual(after['metadata']?.[member], before['metadata']?.[member])
          assert.deepEqual([after['spec'], after['data']], [before['spec'], before['data']])
          assert.equal(after['status'], undefined)
        }
        const uidOf = (path: string): string => String(made.get(path)?.['metadata']?.['uid'])
        const secret = async (): Promise<Json> => expectObject(await admin.get(`${at}/secrets/db`))['metadata'] ?? {}
        const owner = async () => String(listOf((await secret())['ownerReferences'])[0]?.['uid'])
        await until(async () => (await owner()) === uidOf(externalSecrets), patient)
        assert.equal(String((await secret())['uid']), uidOf(`${at}/secrets`), 'the Secret of the backup has its owner')
      },
    },
  ]
}

/** A change of nothing but times is none. */
function fieldsOf(managed: Json | undefined): readonly object[] {
  return listOf(managed).map(({ time: _, ...fields }) => fields)
}

const aStore = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'SecretStore',
  metadata: { name: 'fake' },
  spec: { provider: { fake: { data: [{ key: '/db', value: 'hunter2' }] } } },
}

const anExternalSecret = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'db' },
  spec: { secretStoreRef: { name: 'fake' }, data: [{ secretKey: 'password', remoteRef: { key: '/db' } }] },
}
