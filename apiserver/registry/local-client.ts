import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { UserInfo } from '../request-context.ts'
import type { Registry } from './registry.ts'

/** The registry of this process as a client sees it: the same semantics as over HTTP, without the bytes. */
export function localClient<T extends KubeObject>(registry: Registry, user: UserInfo): ResourceClient<T> {
  throw new Error(`${registry.kind.names.kind} ${user.name}`)
}
