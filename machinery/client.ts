import type { KubeList, KubeObject } from './object.ts'

/**
 * One resource of the Kubernetes API as a client sees it. The syncer reaches every object through it and cannot tell
 * whether the registry of this process or a kube-apiserver answers. Each call rejects with `StatusError`
 * (machinery/status.ts) exactly where the API answers a Status, and nothing is retried inside.
 */
export interface ResourceClient<T extends KubeObject> {
  get(at: ObjectName, options?: CallOptions): Promise<T>
  list(scope: ListScope, options?: CallOptions): Promise<KubeList<T>>
  /**
   * The state first, then every change, for ever: `synced` follows the last object of a (re)list. Reconnects and lists
   * afresh by itself (410, cut connection); after a relist, objects that are gone arrive as `deleted`.
   */
  watch(scope: ListScope, signal: AbortSignal): AsyncIterable<readonly WatchNotice<T>[]>
  create(object: T, options?: WriteOptions): Promise<T>
  /** PUT: with `metadata.resourceVersion` set it fails with Conflict when the object has moved on. */
  update(object: T, options?: WriteOptions): Promise<T>
  updateStatus(object: T, options?: WriteOptions): Promise<T>
  delete(at: ObjectName, options?: DeleteOptions): Promise<void>
}

export interface ObjectName {
  /** Absent for cluster-scoped kinds only. */
  readonly namespace?: string
  readonly name: string
}

export interface ListScope {
  /** Absent means every namespace; no caller may do that for kinds that hold credentials. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export type WatchNotice<T> =
  | { readonly type: 'set'; readonly object: T }
  | { readonly type: 'deleted'; readonly object: T }
  | { readonly type: 'synced' }

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Called when the call goes out, after all waiting: with what it throws, a StatusError, the call rejects. */
  readonly begins?: () => void
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager: string
}

export interface DeleteOptions extends CallOptions {
  readonly uid?: string
  readonly resourceVersion?: string
}
