import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'
import type { Apply } from '../resource-client.ts'

/** core/v1, as far as it is needed here. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

export interface StorePage {
  readonly record: StoreFacts | undefined
  readonly refused: RefusedFacts | undefined
  readonly accepted: string | undefined
  readonly version: string | undefined
}

type NewPage = Pick<StorePage, 'record' | 'refused'> & { readonly accepted?: string }

interface StoreFacts {
  readonly uid: string
  readonly epoch: number
  readonly confirmed: number
  readonly bound: number
}

interface RefusedFacts {
  readonly uid: string
  readonly problem: RefusedProblem
  readonly revision: number
}

const problems = ['empty', 'foreign', 'older', 'illegible'] as const
export type RefusedProblem = (typeof problems)[number]

export interface ConfigMapCalls {
  readonly configMaps: ResourceClient<ConfigMap>
  readonly apply: Apply<ConfigMap>
}

/** What the cluster knows of the server's store: one ConfigMap, which operators write to too. */
export class StoreConfigMap {
  readonly #configMaps: ResourceClient<ConfigMap>
  readonly #apply: Apply<ConfigMap>
  readonly #at: ObjectName

  constructor({ configMaps, apply }: ConfigMapCalls, namespace: string) {
    this.#configMaps = configMaps
    this.#apply = apply
    this.#at = { namespace, name: storeConfigMapName }
  }

  async read(): Promise<StorePage> {
    try {
      return pageOf(await this.#configMaps.get(this.#at))
    } catch (error) {
      if (!isStatusReason(error, 'NotFound')) throw error
      return { record: undefined, refused: undefined, accepted: undefined, version: undefined }
    }
  }

  /** Rejects with Conflict or NotFound when it is no longer as `page` was read. */
  async write({ version }: StorePage, { record, refused, accepted }: NewPage): Promise<StorePage> {
    const metadata = { ...this.#at, labels, ...(version !== undefined && { resourceVersion: version }) }
    const data = {
      ...(record && recordData(record)),
      ...(refused && refusedData(refused)),
      ...(accepted && { accept: accepted }),
    }
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
    if (version !== undefined) return pageOf(await this.#configMaps.update(configMap, manager))
    // A right to create by POST cannot be limited to a name. Each store is a manager: another's page is a Conflict.
    const fieldManager = `${manager.fieldManager}-store-${refused?.uid ?? record?.uid ?? accepted}`
    return pageOf(await this.#apply(configMap, { fieldManager, force: false }))
  }

  /** Answers whether there was one. */
  async remove(): Promise<boolean> {
    try {
      await this.#configMaps.delete(this.#at)
      return true
    } catch (error) {
      if (!isStatusReason(error, 'NotFound')) throw error
      return false
    }
  }
}

export const storeConfigMapName = 'external-secrets-apiserver-store'

const manager = { fieldManager: 'external-secrets' }

/** A copy of it from a backup would say that an old store is the newest. */
const labels = {
  'app.kubernetes.io/name': 'external-secrets-apiserver',
  'velero.io/exclude-from-backup': 'true',
}

function recordData({ uid, epoch, confirmed, bound }: StoreFacts): Readonly<Record<string, string>> {
  return { uid, epoch: String(epoch), confirmed: String(confirmed), bound: String(bound) }
}

function refusedData({ uid, problem, revision }: RefusedFacts): Readonly<Record<string, string>> {
  return { 'found-uid': uid, 'found-problem': problem, 'found-revision': String(revision) }
}

function pageOf({ metadata, data = {} }: ConfigMap): StorePage {
  const { accept: accepted } = data
  return {
    record: recordOf(data),
    refused: refusedOf(data),
    accepted: accepted?.trim(),
    version: metadata.resourceVersion ?? '',
  }
}

function recordOf({ uid, ...data }: Readonly<Record<string, string>>): StoreFacts | undefined {
  const [epoch, confirmed, bound] = [integerOf(data['epoch']), integerOf(data['confirmed']), integerOf(data['bound'])]
  if (!uid || epoch === undefined || confirmed === undefined || bound === undefined) return undefined
  return { uid, epoch, confirmed, bound }
}

function refusedOf(data: Readonly<Record<string, string>>): RefusedFacts | undefined {
  const { 'found-uid': uid, 'found-problem': said, 'found-revision': text } = data
  const problem = problems.find((each) => each === said)
  const revision = integerOf(text)
  return uid && problem !== undefined && revision !== undefined ? { uid, problem, revision } : undefined
}

function integerOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined
  return Number.isSafeInteger(Number(text)) ? Number(text) : undefined
}
