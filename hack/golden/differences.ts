import type { GoldenCase, GoldenStep, ObservedExternalSecret, Refusal, State } from './golden-case.ts'

/** What a step must lead to: the recording, but for the deliberate differences. */
export interface Played {
  readonly refused: readonly Refusal[]
  readonly state: State
}

interface Difference {
  readonly name: string
  readonly because: string
  readonly appliesTo: (golden: GoldenCase) => boolean
  readonly adapt: (expected: Played, step: GoldenStep) => Played
}

const everywhere = (): boolean => true
const only =
  (...names: readonly string[]) =>
  (golden: GoldenCase): boolean =>
    names.includes(golden.name)

/** Every place where we answer otherwise than the recorded controller, each with its reason. */
export const differences: readonly Difference[] = [
  {
    name: 'no-finalizer',
    because: 'we need none: the target goes by its owner reference, and a deletion never hangs on us',
    appliesTo: everywhere,
    adapt: (expected) => mapExternalSecrets(expected, ({ finalizers: _, ...rest }) => rest),
  },
  {
    name: 'no-null-refresh-time',
    because:
      'before the first success refreshTime is absent instead of null, and there is no binding with an empty name',
    appliesTo: everywhere,
    adapt: (expected) =>
      mapExternalSecrets(expected, (one) => (one.status ? { ...one, status: withoutNothings(one.status) } : one)),
  },
  {
    name: 'undecodable-interval-refused',
    because:
      'eso-behaviour 8.1: one bad refreshInterval stopped every ExternalSecret of the cluster; it is refused instead',
    appliesTo: only('refresh-interval-days', 'refresh-interval-undecodable-stops-all-others'),
    adapt: (expected) => expected,
  },
]

export function adapted(golden: GoldenCase, step: GoldenStep, _index: number): Played {
  const refused = (step.refused ?? []).map(({ index, code, reason, message }) => ({ index, code, reason, message }))
  const recorded: Played = { refused, state: step.state }
  return differences
    .filter((difference) => difference.appliesTo(golden))
    .reduce((expected, difference) => difference.adapt(expected, step), recorded)
}

function mapExternalSecrets(expected: Played, change: (one: ObservedExternalSecret) => ObservedExternalSecret): Played {
  const externalSecrets = Object.fromEntries(
    Object.entries(expected.state.externalSecrets).map(([name, one]) => [name, change(one)]),
  )
  return { ...expected, state: { ...expected.state, externalSecrets } }
}

function withoutNothings(status: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { refreshTime, binding, ...rest } = status
  const bound = JSON.stringify(binding) === '{"name":""}' ? {} : { binding }
  return { ...rest, ...(refreshTime !== null && { refreshTime }), ...bound }
}
