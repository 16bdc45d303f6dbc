import { jsonEqual } from '../../../machinery/json/equal.ts'
import type { ResourceClient, WatchNotice } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { isStatusReason } from '../../../machinery/status.ts'
import { bindingOf, rulesIn, selectorsIn } from './rbac-object.ts'
import { isSelected } from './role-selector.ts'
import type { Binding, RbacLookups, RolePlace } from './rbac.ts'
import type { PolicyRule } from './rules.ts'

export interface RbacClients {
  readonly roles: ResourceClient<KubeObject>
  readonly clusterRoles: ResourceClient<KubeObject>
  readonly roleBindings: ResourceClient<KubeObject>
  readonly clusterRoleBindings: ResourceClient<KubeObject>
}

type Sort = keyof RbacClients
const sorts = ['roles', 'clusterRoles', 'roleBindings', 'clusterRoleBindings'] as const

/**
 * All roles and bindings, in memory: requests are judged without waiting. It follows the objects, so that a binding
 * holds a moment after it was made, as in a cluster; until the first state is there, nobody is bound to anything.
 */
export class RoleBook implements RbacLookups {
  readonly #objects: Readonly<Record<Sort, Map<string, KubeObject>>> = {
    roles: new Map(),
    clusterRoles: new Map(),
    roleBindings: new Map(),
    clusterRoleBindings: new Map(),
  }
  readonly #bindings = new Map<string, Map<string, Binding>>()

  clusterRoleBindings(): Iterable<Binding> {
    return this.#bindings.get('')?.values() ?? []
  }

  roleBindings(namespace: string): Iterable<Binding> {
    return namespace === '' ? [] : (this.#bindings.get(namespace)?.values() ?? [])
  }

  rulesOf({ kind, namespace, name }: RolePlace): readonly PolicyRule[] | undefined {
    const role =
      kind === 'ClusterRole'
        ? this.#objects.clusterRoles.get(`/${name}`)
        : this.#objects.roles.get(`${namespace}/${name}`)
    return role && rulesIn(role)
  }

  /** Runs until the signal aborts; `known` is called when the first state is there. */
  async run(clients: RbacClients, known: () => void, signal: AbortSignal): Promise<void> {
    const unknown = new Set<Sort>(sorts)
    const follow = async (sort: Sort): Promise<void> => {
      for await (const notices of clients[sort].watch({}, signal)) {
        for (const notice of notices) this.#take(sort, notice)
        if (notices.some(({ type }) => type === 'synced') && unknown.delete(sort) && unknown.size === 0) known()
        if (sort === 'clusterRoles' && !unknown.has(sort)) await this.#aggregate(clients.clusterRoles)
      }
    }
    await Promise.all(sorts.map(follow))
  }

  #take(sort: Sort, notice: WatchNotice<KubeObject>): void {
    if (notice.type === 'synced') return
    const { namespace = '', name = '' } = notice.object.metadata
    const key = `${namespace}/${name}`
    const isGone = notice.type === 'deleted'
    if (isGone) this.#objects[sort].delete(key)
    else this.#objects[sort].set(key, notice.object)
    if (sort === 'roles' || sort === 'clusterRoles') return
    const bindings = this.#bindings.get(namespace) ?? new Map<string, Binding>()
    this.#bindings.set(namespace, bindings)
    if (isGone) bindings.delete(name)
    else bindings.set(name, bindingOf(notice.object))
    if (bindings.size === 0) this.#bindings.delete(namespace)
  }

  /** kube-controller-manager's clusterrole-aggregation: roles that gather get the rules of those they select. */
  async #aggregate(client: ResourceClient<KubeObject>): Promise<void> {
    for (const role of this.#objects.clusterRoles.values()) {
      const rules = this.#gathered(role)
      if (rules === undefined || jsonEqual(rules, rulesIn(role))) continue
      try {
        await client.update({ ...role, rules }, { fieldManager: 'clusterrole-aggregation-controller' })
      } catch (error) {
        // Who was faster, or removed it, is heard of through the watch, and then it is looked at again.
        if (!isStatusReason(error, 'Conflict') && !isStatusReason(error, 'NotFound')) throw error
      }
    }
  }

  /** In the order of the roles' names, each rule once. */
  #gathered(role: KubeObject): readonly PolicyRule[] | undefined {
    const selectors = selectorsIn(role)
    if (selectors === undefined) return undefined
    const byName = [...this.#objects.clusterRoles].sort(([left], [right]) => (left < right ? -1 : 1))
    const rules: PolicyRule[] = []
    for (const [, { metadata, ...other }] of byName) {
      if (metadata.name === role.metadata.name) continue
      if (!selectors.some((selector) => isSelected(metadata.labels ?? {}, selector))) continue
      for (const rule of rulesIn({ ...other, metadata })) {
        if (!rules.some((known) => jsonEqual(known, rule))) rules.push(rule)
      }
    }
    return rules
  }
}
