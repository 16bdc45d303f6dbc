import t from 'tap'
import { WatchedObjects } from '../../../apiserver/admission/sources/watched-objects.ts'
import { silentLogger } from '../../../base/log.ts'
import { newestVersion } from '../../../cluster/admission/newest-version.ts'
import { createClusterClient } from '../../../cluster/client.ts'
import { Contact } from '../../../cluster/reconnecting/contact.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { FakeWire, type WireRequest } from '../../../test/support/fake-wire.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { until } from '../../../test/support/until.ts'

const group = 'admissionregistration.k8s.io'
const plural = 'mutatingadmissionpolicies'
const versions = ['v1', 'v1beta1', 'v1alpha1']
const limits = { timeoutMs: 30_000, perSecond: 0, burst: 1, concurrencyMax: 4, responseBytesMax: 1e6 }

function listOf(version: string, ...names: readonly string[]): unknown {
  const items = names.map((name) => ({ metadata: { name, uid: name, resourceVersion: '4' } }))
  return { apiVersion: `${group}/${version}`, kind: 'PolicyList', metadata: { resourceVersion: '10' }, items }
}

t.test('policies come in the newest version that the cluster serves, and an upgrade is followed', async (t) => {
  await using wire = await FakeWire.start()
  const clock = new ManualClock()
  const contact = new Contact()
  await using client = await createClusterClient({ server: wire.url }, { ...limits, clock, contact })
  const reading = { clock, random: () => 0, log: silentLogger, contact, silenceMs: 10_000_000 }
  const warnings: string[] = []
  const log = { ...silentLogger, warn: (text: string) => void warnings.push(text) }
  const objects = new WatchedObjects<KubeObject>({
    client: () => newestVersion(client, { group, plural, versions }, reading),
    clock,
    log,
  })
  const stopping = new AbortController()
  const running = objects.run(stopping.signal)
  const names = (): string | undefined =>
    objects
      .current()
      ?.map(({ apiVersion, metadata }) => `${apiVersion.slice(group.length + 1)}/${metadata.name}`)
      .join(' ')

  /** What the cluster serves now, in which objects; discovery says so. */
  let served: Readonly<Record<string, readonly string[]>> = {}
  let isAway = false
  let seen = 0
  const open: WireRequest[] = []
  const answer = (request: WireRequest): void => {
    seen += 1
    const [, version = '', resource] =
      /^\/apis\/admissionregistration\.k8s\.io\/([^/]+)(\/.*)?$/.exec(request.path) ?? []
    const there = served[version]
    if (request.query.has('watch')) open.push(request)
    else if (isAway) request.json(403, { kind: 'Status', code: 403, reason: 'Forbidden' })
    else if (there === undefined) request.json(404, { kind: 'Status', code: 404, reason: 'NotFound' })
    else if (resource === undefined) request.json(200, { resources: [{ name: 'other' }, { name: plural }] })
    else request.json(200, listOf(version, ...there))
  }
  const serving = (async () => {
    while (!stopping.signal.aborted) answer(await wire.next())
  })()
  const pass = async (durationMs: number): Promise<void> => {
    const before = seen
    await clock.advance(durationMs)
    await until(async () => seen > before)
  }
  const become = (expected: string): Promise<void> => until(async () => names() === expected)

  await become('')
  t.equal(names(), '', 'a cluster that serves none has none')
  served = { v1alpha1: ['old'] }
  await pass(30_000)
  await become('v1alpha1/old')
  served = { v1alpha1: ['old'], v1beta1: ['new', 'old'] }
  await pass(300_000)
  t.equal(names(), 'v1alpha1/old', 'what was known stays in force while it is looked for')
  await pass(30_000)
  await become('v1beta1/new v1beta1/old')

  isAway = true
  await pass(300_000)
  t.equal(names(), 'v1beta1/new v1beta1/old', 'who may not look any more forgets nothing')
  isAway = false
  served = { v1: ['new'] }
  await pass(300_000)
  await pass(30_000)
  await become('v1/new')
  t.same(warnings, [])
  stopping.abort()
  await running
  for (const request of open) request.response.destroy()
  const unstick = fetch(new URL('/end', wire.url)).catch(() => undefined)
  await serving
  await unstick
})
