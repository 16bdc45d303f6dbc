import type { Clock } from '../../base/clock.ts'
import type { ObjectName } from '../../machinery/client.ts'
import type { JsonValue, KubeObject } from '../../machinery/object.ts'
import type { Item, Revision } from '../../storage/storage.ts'
import type { Representations } from './forms/representations.ts'
import { effectiveIn, effectiveObject } from './effective-object.ts'
import { cellsOf, columnsOf } from './forms/table.ts'
import type { KindDeclaration } from './kind.ts'
import type { Randomness } from './randomness.ts'
import { type ListRequest, listObjects, type ObjectPage } from './reads/list.ts'
import { Pulse } from './reads/pulse.ts'
import { type ReadVersion, readObject } from './reads/read.ts'
import { type Selection, type SelectionRequest, selectionOf } from './reads/selection.ts'
import { type WatchBatch, type WatchRequest, watchObjects } from './reads/watch.ts'
import type { WatchMetrics } from './reads/watch-metrics.ts'
import { type RegistryConfig, registryParts } from './registry-parts.ts'
import type { Stored, StoredState } from './stored.ts'
import { createObject, type CreateRequest } from './writes/create.ts'
import { receiveObject, type ReceivedObject } from './writes/receive.ts'
import { releaseObject } from './writes/release.ts'
import { type Deletion, type Removed, removeObject } from './writes/remove.ts'
import { type CollectionRequest, removeCollection } from './writes/remove-collection.ts'
import { type UpdateRequest, updateObject } from './writes/update.ts'
import type { Written } from './writes/write-request.ts'

/**
 * The objects of one kind, with everything that the API promises about them but HTTP: versions, defaults, validation,
 * admission, field ownership, preconditions, finalizers. Every refusal is a StatusError. Endpoints and the local client
 * are its only callers besides the controllers.
 */
export interface Registry {
  readonly kind: KindDeclaration
  readonly clock: Clock
  readonly random: Randomness
  /** The least life of a watch that asks for none. */
  readonly minRequestTimeoutMs: number
  readonly representations: Representations
  /** Of the streams that watch. */
  readonly pulse: Pulse
  readonly watchMetrics: WatchMetrics
  /** What columns see of a state, with defaults filled in, and the cells that they make of it. */
  row(state: StoredState, nowMs: number): readonly JsonValue[]
  /** The object with all defaults of the version. */
  effective(state: StoredState, version: string): KubeObject
  /** Reads a request's selectors. Throws 400. */
  select(request: SelectionRequest): Selection
  get(at: ObjectName, version?: ReadVersion): Promise<Item<Stored>>
  list(request: ListRequest): Promise<ObjectPage>
  /** The state first where the request asks for it, then every change; ends when `signal` aborts. */
  watch(request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchBatch>
  /** A decoded body as an object of `version`, without what the schema does not know. Throws 400. */
  receive(body: JsonValue, version: string): ReceivedObject
  create(object: KubeObject, request: CreateRequest): Promise<Written>
  update(at: ObjectName, request: UpdateRequest): Promise<Written>
  remove(at: ObjectName, deletion: Deletion): Promise<Removed>
  removeCollection(request: CollectionRequest): Promise<ObjectPage>
  /** The last step of a kind with `terminating`: its controller lets the object go that no finalizer holds. */
  release(at: ObjectName, uid: string): Promise<void>
  /** Not below the revision of any write acknowledged before the call. */
  currentRevision(): Promise<Revision>
}

const minRequestTimeoutMs = 1_800_000
const watchBeatMs = 50

export function createRegistry(config: RegistryConfig): Registry {
  const parts = registryParts(config)
  const columns = columnsOf(config.kind)
  const live = config.live ?? { lastSyncTime: () => undefined }
  return {
    kind: config.kind,
    clock: config.clock,
    random: config.random,
    minRequestTimeoutMs: config.minRequestTimeoutMs ?? minRequestTimeoutMs,
    representations: parts.representations,
    pulse: new Pulse(config.clock, watchBeatMs),
    watchMetrics: config.watchMetrics,
    row: (state, nowMs) => cellsOf(columns, effectiveObject(config.kind, state.value), { nowMs, live }),
    effective: (state, version) => effectiveIn(parts, state, version),
    select: (request) => selectionOf(parts, request),
    get: (at, version) => readObject(parts, at, version),
    list: (request) => listObjects(parts, request),
    watch: (request, signal) => watchObjects(parts, request, signal),
    receive: (body, version) => receiveObject(parts, body, version),
    create: (object, request) => createObject(parts, object, request),
    update: (at, request) => updateObject(parts, at, request),
    remove: (at, deletion) => removeObject(parts, at, deletion),
    removeCollection: (request) => removeCollection(parts, request),
    release: (at, uid) => releaseObject(parts, at, uid),
    currentRevision: () => config.storage.currentRevision(),
  }
}
