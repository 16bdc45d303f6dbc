import type {
  CallOptions,
  DeleteOptions,
  ListScope,
  ObjectName,
  ResourceClient,
  WatchNotice,
  WriteOptions,
} from '../../machinery/client.ts'
import type { JsonValue, KubeList, KubeObject } from '../../machinery/object.ts'
import { refusalOf } from '../errors.ts'
import type { UserInfo } from '../request-context.ts'
import { localWatch } from './local-watch.ts'
import type { Registry } from './registry.ts'
import type { StoredState } from './stored.ts'
import type { Deletion } from './writes/remove.ts'
import type { WriteRequest } from './writes/write-request.ts'

/**
 * The registry of this process as a client sees it: the semantics of HTTP without the bytes. It speaks the storage
 * version of the kind, for which nothing is converted.
 */
export function localClient<T extends KubeObject>(registry: Registry, user: UserInfo): ResourceClient<T> {
  const caller = { registry, user }
  return {
    get: async (at) => shown<T>(caller, await answered(registry.get(at))),
    list: (scope) => answered(listed<T>(caller, scope)),
    watch: (scope, signal) => watched<T>(caller, scope, signal),
    create: (object, options) => answered(created<T>(caller, object, options)),
    update: (object, options) => answered(updated<T>(caller, object, { ...options, subresource: '' })),
    updateStatus: (object, options) => answered(updated<T>(caller, object, { ...options, subresource: 'status' })),
    delete: (at, options) => answered(removed(caller, at, options)),
  }
}

interface Caller {
  readonly registry: Registry
  readonly user: UserInfo
}

/** Whatever went wrong is a StatusError, as from a server. */
async function answered<A>(call: Promise<A>): Promise<A> {
  try {
    return await call
  } catch (error) {
    throw refusalOf(error)
  }
}

/** The kind's declaration vouches for the type of its objects. */
function shown<T extends KubeObject>({ registry }: Caller, state: StoredState): T {
  return registry.representations.object(state, registry.kind.storageVersion) as T
}

async function listed<T extends KubeObject>(caller: Caller, scope: ListScope): Promise<KubeList<T>> {
  const { registry } = caller
  const { group, names, storageVersion } = registry.kind
  const page = await registry.list({ selection: registry.select(scope) })
  return {
    apiVersion: group === '' ? storageVersion : `${group}/${storageVersion}`,
    kind: names.listKind ?? `${names.kind}List`,
    metadata: { resourceVersion: String(page.revision) },
    items: page.items.map((item) => shown<T>(caller, item)),
  }
}

async function* watched<T extends KubeObject>(
  caller: Caller,
  scope: ListScope,
  signal: AbortSignal,
): AsyncGenerator<readonly WatchNotice<T>[]> {
  for await (const notices of localWatch(caller.registry, caller.registry.select(scope), signal)) {
    yield notices.map((notice) =>
      notice.type === 'synced' ? notice : { type: notice.type, object: shown<T>(caller, notice.object) },
    )
  }
}

async function created<T extends KubeObject>(caller: Caller, object: T, options?: WriteOptions): Promise<T> {
  const { namespace } = object.metadata
  const request = { ...writeRequest(caller, options), ...(namespace !== undefined && { namespace }) }
  const { state } = await caller.registry.create(received(caller, object), request)
  return shown<T>(caller, state)
}

interface UpdateOptions extends Partial<WriteOptions> {
  readonly subresource: '' | 'status'
}

async function updated<T extends KubeObject>(caller: Caller, object: T, options: UpdateOptions): Promise<T> {
  const { name = '', namespace } = object.metadata
  const { subresource } = options
  const change = { type: 'replace' as const, object: received(caller, object) }
  const at = { name, ...(namespace !== undefined && { namespace }) }
  const { state } = await caller.registry.update(at, { ...writeRequest(caller, options), subresource, change })
  return shown<T>(caller, state)
}

async function removed({ registry, user }: Caller, at: ObjectName, options: DeleteOptions = {}): Promise<void> {
  const { uid, resourceVersion, signal } = options
  const deletion: Deletion = {
    version: registry.kind.storageVersion,
    user,
    propagation: { policy: 'Background' },
    preconditions: { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) },
    isDryRun: false,
    isAborted: () => signal?.aborted === true,
    warn: ignored,
  }
  await registry.remove(at, deletion)
}

/** Objects of this process are JSON by agreement; they are decoded as a body would be, without the text. */
function received({ registry }: Caller, object: KubeObject): KubeObject {
  return registry.receive(object as unknown as JsonValue, registry.kind.storageVersion).object
}

function writeRequest({ registry, user }: Caller, options: Partial<WriteOptions> & CallOptions = {}): WriteRequest {
  return {
    version: registry.kind.storageVersion,
    user,
    fieldManager: options.fieldManager ?? '',
    isDryRun: false,
    isAborted: () => options.signal?.aborted === true,
    warn: ignored,
  }
}

function ignored(): void {
  return undefined
}
