import { setTimeout as delay } from 'node:timers/promises'
import { type ApiAnswer, type ApiClient, type Json, listOf } from '../../test/support/api-client.ts'
import { differencesOf } from './compare.ts'
import { adapted, playedElsewhere, type Played } from './differences.ts'
import type { GoldenCase, GoldenStep, Manifest, Operation, Refusal, State } from './golden-case.ts'
import { byManager, distinct, nameOf, observe, type Scope } from './observe.ts'
import { standInManifests, withStandInToken } from './kube-apiserver-stand-in.ts'
import { filledIn, missingPlaces, type Places } from './places.ts'
import { collectionOf, objectPathOf } from './resource-paths.ts'

export type Outcome =
  | { readonly result: 'passed' }
  | { readonly result: 'skipped'; readonly reason: string }
  | { readonly result: 'failed'; readonly differences: readonly string[] }

/**
 * How long a step may take to come to rest, and how long it must then stay so. New keys take seconds on a busy machine,
 * and a server that makes them beside its main thread goes on answering while they are not there yet.
 */
const settling = { limitMs: 15_000, pollMs: 60, quietPolls: 3 } as const

/** Plays one case in a namespace of its own and compares what there is after each step. */
export async function play(recorded: GoldenCase, api: ApiClient, places: Places): Promise<Outcome> {
  const elsewhere = playedElsewhere.get(recorded.name)
  if (elsewhere !== undefined) return { result: 'skipped', reason: elsewhere }
  const text = JSON.stringify(recorded)
  const missing = missingPlaces(text, places)
  if (text.includes('"aws":') && places.AWS_ENDPOINT === undefined) missing.push('AWS_ENDPOINT')
  if (missing.length > 0) return { result: 'skipped', reason: `no ${missing.join(', ')} here` }
  const golden = JSON.parse(filledIn(text, places)) as GoldenCase
  await createNamespace(golden, api)
  const player = new Player(golden, api, places)
  if (golden.area === 'kubernetes') await player.prepare(standInManifests(places.KUBE_CA ?? ''))
  for (const [index, step] of golden.steps.entries()) {
    const outcome = await player.step(step, index)
    if (outcome.result !== 'passed') return outcome
  }
  return { result: 'passed' }
}

async function createNamespace({ namespace, namespaceLabels }: GoldenCase, api: ApiClient): Promise<void> {
  const metadata = { name: namespace, ...(namespaceLabels && { labels: namespaceLabels }) }
  const answer = await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
  if (answer.status !== 201) throw new Error(`the namespace ${namespace} was not created: ${answer.status}`)
}

class Player {
  readonly #golden: GoldenCase
  readonly #api: ApiClient
  readonly #places: Places
  readonly #created = new Set<string>()
  readonly #clusterStores = new Set<string>()
  readonly #targets = new Set<string>()
  /** UIDs of what the case created, for `${UID_OF:name}`. */
  readonly #uids = new Map<string, string>()

  constructor(golden: GoldenCase, api: ApiClient, places: Places) {
    this.#golden = golden
    this.#api = api
    this.#places = places
  }

  async prepare(manifests: readonly Manifest[]): Promise<void> {
    for (const manifest of manifests) await this.#create(manifest)
  }

  async step(step: GoldenStep, index: number): Promise<Outcome> {
    // status.refreshTime has whole seconds: a refresh in the second of the one before would not show.
    if (index > 0) await delay(1_000)
    const scope = await this.#scope(index)
    const refused: Refusal[] = []
    for (const [at, operation] of step.do.entries()) {
      const answer = await this.#operate(operation)
      if (answer === undefined || answer.status < 400) continue
      const message = String(answer.json?.['message'])
      if (message.includes('not served yet')) return { result: 'skipped', reason: message }
      refused.push({ index: at, code: answer.status, reason: String(answer.json?.['reason']), message })
    }
    const expected = sorted(adapted(this.#golden, step, index))
    const differences = await this.#settled(expected, { refused, scope })
    return differences.length === 0 ? { result: 'passed' } : { result: 'failed', differences }
  }

  async #settled(expected: Played, now: { refused: readonly Refusal[]; scope: Scope }): Promise<readonly string[]> {
    const deadline = performance.now() + settling.limitMs
    const requests = new Map<string, unknown>()
    let differences: readonly string[] = ['nothing was observed']
    for (let quiet = 0; quiet < settling.quietPolls && performance.now() < deadline; ) {
      await delay(settling.pollMs)
      for (const one of await this.#webhookRequests()) requests.set(JSON.stringify(one), one)
      const webhookRequests = requests.size > 0 && { webhookRequests: [...requests.values()] }
      const state = { ...(await observe(this.#api, now.scope)), ...webhookRequests }
      const actual: Played = { refused: now.refused, state: expected.state.stores ? state : withoutStores(state) }
      differences = this.#golden.schemaOnly
        ? differencesOf(expected.refused, actual.refused, '/refused')
        : differencesOf(expected, actual)
      quiet = differences.length === 0 ? quiet + 1 : 0
    }
    return differences
  }

  /** What the webhook peer was asked since the last look; the paths of a case begin with its name. */
  async #webhookRequests(): Promise<readonly unknown[]> {
    const { WEBHOOK_URL } = this.#places
    if (WEBHOOK_URL === undefined) return []
    const answer = await fetch(`${WEBHOOK_URL}/-/?below=/${this.#golden.name}/`)
    return (await answer.json()) as readonly unknown[]
  }

  async #scope(index: number): Promise<Scope> {
    const refreshTimes = new Map<string, string>()
    if (index > 0) {
      const listed = await this.#api.get(collectionOf('ExternalSecret', this.#golden.namespace))
      for (const object of listOf(listed.json['items'])) {
        refreshTimes.set(nameOf(object), String(object['status']?.['refreshTime']))
      }
    }
    const { namespace } = this.#golden
    const known = { created: this.#created, clusterStores: this.#clusterStores, targets: this.#targets }
    return { namespace, ...known, refreshTimes }
  }

  async #operate(operation: Operation): Promise<ApiAnswer | undefined> {
    if ('create' in operation) return this.#create(operation.create)
    if ('patch' in operation) return this.#patch(operation.patch, operation.merge)
    if ('delete' in operation) return this.#api.call('DELETE', objectPathOf(operation.delete, this.#golden.namespace))
    if ('openbao' in operation) await tellOpenBao(operation, this.#places)
    else if ('aws' in operation) await tellAws(operation, this.#places)
    else if ('sleep' in operation) await delay(operation.sleep)
    else await tellWebhook(operation, this.#places)
    return undefined
  }

  async #create(manifest: Manifest): Promise<ApiAnswer | undefined> {
    const { kind, metadata } = manifest
    // Only the kubernetes area brings Roles, for its kube-apiserver; standalone mode has no RBAC.
    if (kind === 'Role' || kind === 'RoleBinding') return undefined
    this.#created.add(`${kind}/${metadata.name}`)
    if (kind === 'ClusterSecretStore') this.#clusterStores.add(String(metadata.name))
    if (kind === 'ExternalSecret') await this.#storesAreReady()
    const path = collectionOf(kind, metadata.namespace ?? this.#golden.namespace)
    const body = JSON.stringify(withStandInToken(manifest)).replace(
      /\$\{UID_OF:([^}]+)\}/g,
      (_, name: string) => this.#uids.get(name) ?? '',
    )
    const answer = await this.#api.post(`${path}?fieldManager=fixture&fieldValidation=Strict`, body)
    this.#uids.set(String(metadata.name), String(answer.json?.['metadata']?.['uid']))
    return answer
  }

  async #patch(target: string, merge: unknown): Promise<ApiAnswer> {
    if (target.startsWith('ExternalSecret/')) await this.#storesAreReady()
    return this.#api.call('PATCH', `${objectPathOf(target, this.#golden.namespace)}?fieldManager=fixture`, {
      body: merge,
      contentType: 'application/merge-patch+json',
    })
  }

  /** Stores are given time to get a Ready condition before an ExternalSecret is touched, as in the recordings. */
  async #storesAreReady(): Promise<void> {
    const deadline = performance.now() + 1_500
    while (performance.now() < deadline) {
      const scope = await this.#scope(0)
      const { stores } = await observe(this.#api, scope)
      if (Object.values(stores ?? {}).every((store) => store.status !== undefined)) return
      await delay(30)
    }
  }
}

/** In the order in which `observe` has them. */
function sorted({ refused, state }: Played): Played {
  const secrets = Object.entries(state.secrets).map(([name, secret]) => {
    const entries = secret['managedFields'] as readonly Json[] | undefined
    return [name, { ...(secret as object), ...(entries && { managedFields: byManager(entries) }) } as Json] as const
  })
  return { refused, state: { ...state, secrets: Object.fromEntries(secrets), events: distinct(state.events) } }
}

/** Where a recording does not tell of stores, it leaves out their events, too. */
function withoutStores({ stores: _, events = [], ...rest }: State): State {
  return { ...rest, events: events.filter(({ object }) => object.startsWith('ExternalSecret/')) }
}

async function tellOpenBao(operation: { openbao: string; body?: unknown }, places: Places): Promise<void> {
  const [method = 'GET', path = ''] = operation.openbao.split(' ')
  const answer = await fetch(`${places.OPENBAO_ADDR}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': 'root', 'content-type': 'application/json' },
    ...(operation.body !== undefined && { body: JSON.stringify(operation.body) }),
  })
  if (!answer.ok) throw new Error(`OpenBao answered ${answer.status} to ${operation.openbao}`)
}

async function tellWebhook({ webhook, answer }: { webhook: string; answer: unknown }, places: Places): Promise<void> {
  await fetch(`${places.WEBHOOK_URL}/-/`, { method: 'PUT', body: JSON.stringify({ path: webhook, answer }) })
}

/** The JSON protocol of AWS, unsigned: the stand-in checks no credential. */
async function tellAws(operation: { aws: string; body: unknown }, places: Places): Promise<void> {
  const [service = '', action = ''] = operation.aws.split('.')
  const prefix = service === 'ssm' ? 'AmazonSSM' : service
  const answer = await fetch(String(places.AWS_ENDPOINT), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${prefix}.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=tests/20260101/eu-central-1/${service}/aws4_request`,
    },
    body: JSON.stringify(operation.body),
  })
  if (!answer.ok) throw new Error(`AWS answered ${answer.status} to ${operation.aws}`)
}
