import { withMembers } from './json/member.ts'

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly observedGeneration?: number
}

/**
 * The list with `condition` in the place of the one of its type. The time of the last transition moves only when the
 * status does (meta.SetStatusCondition); the same list comes back when nothing changed.
 */
export function setCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  condition: C,
  now: string,
): readonly C[] {
  const list = conditions ?? []
  const index = list.findIndex((each) => each.type === condition.type)
  const previous = list[index]
  const since = condition.lastTransitionTime ?? now
  if (previous === undefined) return [...list, timed(condition, since)]
  const next = timed(condition, previous.status === condition.status ? previous.lastTransitionTime : since)
  return isSame(previous, next) ? list : list.with(index, next)
}

function timed<C extends Condition>(condition: C, lastTransitionTime: string | undefined): C {
  return withMembers<Condition>(condition, { lastTransitionTime }) as C
}

function isSame(left: Condition, right: Condition): boolean {
  return (
    left.status === right.status &&
    left.reason === right.reason &&
    left.message === right.message &&
    left.observedGeneration === right.observedGeneration &&
    left.lastTransitionTime === right.lastTransitionTime
  )
}
