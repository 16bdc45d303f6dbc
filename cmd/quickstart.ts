import { relative, resolve } from 'node:path'
import { type Clock, systemClock } from '../base/clock.ts'
import type { JsonObject, KubeObject } from '../machinery/object.ts'
import { type AdminClient, adminClient } from './quickstart/admin-client.ts'
import { QuickstartError } from './errors.ts'
import { parseOptions } from './options.ts'
import { objectPath, quickstartManifests } from './quickstart/manifests.ts'
import { type Standalone, startStandalone } from './standalone.ts'
import type { Terminal } from './terminal.ts'

const syncLimitMs = 60_000
const lookPeriodMs = 100

/** From nothing to a synced Secret, by the road that every client takes. With `--once` that is all. */
export async function quickstart(args: readonly string[], terminal: Terminal): Promise<number> {
  const isOnce = args.includes('--once')
  terminal.tell('==> starting the server\n')
  const running = await startOnFreePort(args.filter((arg) => arg !== '--once'))
  try {
    const client = adminClient(running)
    const poured = pour(running, client, terminal).finally(() => client[Symbol.asyncDispose]())
    if ((await Promise.race([poured, terminal.interrupted])) === 'interrupted') return isOnce ? 1 : 0
    if (isOnce) return 0
    terminal.print('\nServing until Ctrl-C.\n')
    return (await Promise.race([terminal.interrupted, running.broken])) === 'interrupted' ? 0 : 1
  } catch (error) {
    if (!(error instanceof QuickstartError)) throw error
    terminal.tell(`${error.message}\n`)
    return 1
  } finally {
    await running.end()
  }
}

const quiet = ['--standalone', '--loglevel', 'warn']

/** Another program may have the default port; who names one gets that one or an error. */
async function startOnFreePort(args: readonly string[]): Promise<Standalone> {
  try {
    return await startStandalone(parseOptions([...quiet, ...args]))
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!isTaken || args.some((arg) => arg.startsWith('--listen'))) throw error
    return startStandalone(parseOptions([...quiet, '--listen', '127.0.0.1:0', ...args]))
  }
}

async function pour(running: Standalone, client: AdminClient, terminal: Terminal): Promise<void> {
  const manifests = await quickstartManifests()
  terminal.tell('==> applying examples/quickstart\n')
  for (const manifest of manifests) {
    await client.apply(objectPath(manifest), manifest)
    terminal.tell(`    ${manifest.kind} ${manifest.metadata.name ?? ''}\n`)
  }
  terminal.tell('==> waiting for the Secret\n')
  const externalSecret = manifests.find(({ kind }) => kind === 'ExternalSecret')
  if (externalSecret === undefined) throw new QuickstartError('examples/quickstart has no ExternalSecret')
  await synced(client, externalSecret, systemClock)
  const target = await client.get(secretPath(externalSecret))
  terminal.print(summary(running, externalSecret, Object.keys(target['data'] ?? {})))
}

async function synced(client: AdminClient, externalSecret: KubeObject, clock: Clock): Promise<void> {
  const endMs = clock.monotonic() + syncLimitMs
  for (;;) {
    const ready = readyCondition(await client.get(objectPath(externalSecret)))
    if (ready?.status === 'True') return
    if (clock.monotonic() > endMs) {
      const why = ready === undefined ? 'nothing has looked at it' : ready.message
      throw new QuickstartError(`the Secret did not sync within ${syncLimitMs / 1000} s: ${why}`)
    }
    await clock.sleep(lookPeriodMs)
  }
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly message: string
}

/** Of this generation: the status of an earlier one says nothing about what was just applied. */
function readyCondition(object: JsonObject): Condition | undefined {
  const { metadata, status } = object as unknown as ReadableStatus
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const isOfToday = status?.syncedResourceVersion?.startsWith(`${metadata.generation}-`) ?? false
  return ready?.status === 'True' && !isOfToday ? undefined : ready
}

interface ReadableStatus {
  readonly metadata: { readonly generation: number }
  readonly status?: { readonly syncedResourceVersion?: string; readonly conditions?: readonly Condition[] }
}

function secretPath({ metadata, spec }: KubeObject): string {
  const { target } = spec as { readonly target?: { readonly name?: string } }
  return `/api/v1/namespaces/${metadata.namespace ?? ''}/secrets/${target?.name ?? metadata.name ?? ''}`
}

/** Keys and never values. */
function summary(running: Standalone, { metadata }: KubeObject, keys: readonly string[]): string {
  const near = relative('.', resolve(running.kubeconfigPath))
  const path = near.startsWith('..') ? resolve(running.kubeconfigPath) : near
  const kubectl = `kubectl --kubeconfig ${path} --namespace ${metadata.namespace ?? ''}`
  return `
server      ${running.url}
kubeconfig  ${path}
Secret keys ${[...keys].sort().join(', ')}

Worth trying:
  ${kubectl} get externalsecrets,secretstores,secrets
  ${kubectl} describe externalsecret ${metadata.name ?? ''}
  ${kubectl} explain externalsecret.spec.data
`
}
