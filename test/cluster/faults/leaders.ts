import { join } from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../../base/clock.ts'
import { AggregatedServer, namespaceFlags, serverUser } from '../../support/kube-cluster/aggregated-server.ts'
import type { AuditEvent, AuditLog } from '../../support/kube-cluster/audit-log.ts'
import { until } from '../../support/until.ts'
import { flags, type Following, isLeading, kubeconfigOf, leaseMs, objectCount, patient, type Scene } from './scene.ts'
import { isTaken, leaseWrites, secretWrites, timeOf } from './told.ts'

/** Answers when all of the load is there. */
export async function killedUnderLoad(scene: Scene): Promise<{ readonly done: Promise<void> }> {
  const { cluster, audit, load } = scene
  const kubeconfig = await kubeconfigOf(scene, 'killed')
  await using server = await AggregatedServer.start(cluster, { flags, kubeconfig })
  await cluster.served(['/apis/external-secrets.io/v1'])
  await until(async () => isLeading(server), patient)
  await load.begin()
  const done = load.create(objectCount)
  await until(async () => secretWrites(audit.eventsOf(kubeconfig)).length >= 5, { everyMs: 20 })
  await server.kill('SIGKILL')
  if (load.acknowledged.size === objectCount) throw new Error('it was not killed under load')
  return { done }
}

export async function aKilledLeader(
  t: Test,
  { cluster, audit, load, kubeconfig }: Following,
  creating: { readonly done: Promise<void> },
): Promise<void> {
  await creating.done
  await until(async () => (await load.wrong()).length === 0, patient)
  t.equal(load.acknowledged.size, objectCount)

  const killed = join(cluster.folder, 'killed.kubeconfig')
  // kube-apiserver writes down what it has answered a moment later.
  await until(async () => createdIn(audit, killed).length >= objectCount, { everyMs: 20 })
  t.same(createdIn(audit, killed), [...load.acknowledged.keys()].toSorted(), 'each was created once')
  t.same(
    secretWrites(audit.events()).filter(({ verb }) => verb === 'delete'),
    [],
  )
  const [before, after] = [audit.eventsOf(killed), audit.eventsOf(kubeconfig)]
  const taken = timeOf(leaseWrites(after).find(isTaken))
  t.ok(taken - timeOf(leaseWrites(before).at(-1)) >= leaseMs, 'the lease was waited for')
  t.ok(
    secretWrites(after).every((event) => timeOf(event) >= taken),
    'and nothing written before',
  )
  t.ok(secretWrites(before).every((event) => timeOf(event) < taken))
}

/**
 * Names of the Secrets that were created, each as often as it was. Who is killed takes an answer along, not what was
 * done: what nobody else has created later was created then.
 */
function createdIn(audit: AuditLog, killed: string): readonly string[] {
  const namesOf = (events: readonly AuditEvent[], codes: (code: number) => boolean): readonly string[] =>
    secretWrites(events)
      .filter(({ verb, responseStatus }) => verb === 'create' && codes(responseStatus?.code ?? 500))
      .map(({ objectRef }) => objectRef?.name ?? '')
  const answered = namesOf(audit.events(), (code) => code === 201)
  const unanswered = namesOf(audit.eventsOf(killed), (code) => code >= 499)
  return [...answered, ...unanswered.filter((name) => !answered.includes(name))].toSorted()
}

export async function aStoppedLeader(
  t: Test,
  { cluster, audit, kubectl, load, server, kubeconfig }: Following,
): Promise<void> {
  await kubectl.ok('create namespace other')
  await kubectl.ok('create role keeps-store -n other --verb=get,create,update,patch --resource=configmaps')
  await kubectl.ok(`create rolebinding keeps-store -n other --role=keeps-store --user=${serverUser}`)
  await until(async () => isLeading(server), patient)
  const writesBefore = secretWrites(audit.eventsOf(kubeconfig)).length
  await load.change()
  await until(async () => secretWrites(audit.eventsOf(kubeconfig)).length > writesBefore + 5, { everyMs: 20 })
  server.signal('SIGSTOP')
  const stoppedMs = systemClock.now()

  const otherConfig = await cluster.kubeconfigFor(serverUser, { file: 'other' })
  const own = [...namespaceFlags('other'), '--register-api-services=false']
  const start = { flags: [...flags, ...own], name: 'other', kubeconfig: otherConfig, isServed: false }
  {
    await using other = await AggregatedServer.start(cluster, start)
    await until(async () => isLeading(other), patient)
    server.signal('SIGCONT')
    await until(async () => !isLeading(server), patient)
  }
  await until(async () => isLeading(server), patient)
  await until(async () => (await load.wrong()).length === 0, patient)

  const taken = timeOf(leaseWrites(audit.eventsOf(otherConfig)).find(isTaken))
  const ours = audit.eventsOf(kubeconfig)
  const takenBack = timeOf(leaseWrites(ours).find((event) => timeOf(event) > taken && isTaken(event)))
  t.ok(taken > stoppedMs && takenBack > taken)
  const between = secretWrites(ours).filter((event) => timeOf(event) >= taken && timeOf(event) < takenBack)
  t.same(
    between.map(({ verb, requestURI }) => `${verb} ${requestURI}`),
    [],
    'the former leader wrote nothing',
  )
  t.ok(
    secretWrites(ours).some((event) => timeOf(event) > takenBack),
    'although it had much to write',
  )
}
