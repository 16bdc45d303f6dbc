import type { Clock } from '../../base/clock.ts'
import type { Registries } from '../registry/registries.ts'
import type { UserInfo } from '../request-context.ts'

/** What every controller of standalone mode works with. */
export interface ControllerOptions {
  readonly registries: Registries
  readonly clock: Clock
}

/** Works until the signal aborts. */
export interface Controller {
  run(signal: AbortSignal): Promise<void>
}

/** The name that Kubernetes' own controllers write under. */
export const controllerManager = 'kube-controller-manager'

export function controllerUser(name: string): UserInfo {
  return { name: `system:serviceaccount:kube-system:${name}`, groups: ['system:masters'], extra: {} }
}
