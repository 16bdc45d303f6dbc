import type { GoldenCase, GoldenStep, ObservedExternalSecret, Refusal, State } from './golden-case.ts'

/** What a step must lead to: the recording, but for the deliberate differences. */
export interface Played {
  readonly refused: readonly Refusal[]
  readonly state: State
}

interface Difference {
  readonly because: string
  readonly appliesTo: (golden: GoldenCase) => boolean
  readonly adapt: (expected: Played, at: { readonly step: GoldenStep; readonly index: number }) => Played
}

/** Every place where we answer otherwise than the recorded controller, each with its reason. */
const differences: readonly Difference[] = [
  {
    because: 'no finalizer of ours: the target goes by its owner reference, and a deletion never hangs on us',
    appliesTo: everywhere,
    adapt: (expected) => eachExternalSecret(expected, ({ finalizers: _, ...rest }) => rest),
  },
  inOurWords({
    because: 'the parser of another language is not quoted, and neither is the value (it stands in no event)',
    cases: ['extract-json-trailing-garbage', 'extract-json-string', 'extract-property-not-object'],
    recorded: /unable to unmarshal secret: .*/,
    ours: 'unable to unmarshal secret: the value is not a JSON object',
  }),
  inOurWords({
    because: 'eso-behaviour 8, fake: a dump of the program with memory addresses is no message',
    cases: ['find-path-only-unsupported-by-fake', 'find-tags-unsupported-by-fake'],
    recorded: /unsupported find operator: .*/,
    ours: 'unsupported find operator: the fake provider finds by name only',
  }),
  refusedInstead({
    because: "admission says what only ESO's webhook would have said (it was not running while this was recorded)",
    cases: ['find-and-extract-in-one-entry'],
    message:
      'ExternalSecret.external-secrets.io "es" is invalid: spec.dataFrom[0]: Forbidden: extract, find, or generatorRef cannot be set at the same time',
  }),
  refusedInstead({
    because: 'the same',
    cases: ['neither-data-nor-datafrom', 'empty-lists'],
    message:
      'ExternalSecret.external-secrets.io "es" is invalid: spec.data: Required value: either data or dataFrom should be specified',
  }),
  refusedInstead({
    because: 'eso-behaviour 8.2: without spec every pass ended in a recovered panic',
    cases: ['es-without-spec'],
    message:
      'ExternalSecret.external-secrets.io "es" is invalid: spec: Required value: either data or dataFrom should be specified',
  }),
  refusedInstead({
    because: 'eso-behaviour 8.1: an interval that cannot be decoded stopped every ExternalSecret of the cluster',
    cases: ['refresh-interval-days'],
    message:
      'ExternalSecret.external-secrets.io "es" is invalid: spec.refreshInterval: Invalid value: "1d": must be a duration such as 30s, 15m or 1h30m; 0s asks the provider once',
  }),
]

/** Cases whose every step leads elsewhere on purpose: what must hold instead is tested where it belongs. */
export const playedElsewhere: ReadonlyMap<string, string> = new Map([
  [
    'refresh-interval-undecodable-stops-all-others',
    'the bad object is refused at admission, so nothing stops (refresh-interval-days shows the refusal)',
  ],
  ['store-refresh-interval-invalid', 'the store is refused at admission: kinds/secret-store/secret-store.test.ts'],
  ['target-managed-label-removed', 'repaired as drift: eso-behaviour 8.6, syncer/syncer.test.ts'],
  ['target-owner-reference-removed', 'repaired as drift: eso-behaviour 8.6, syncer/syncer.test.ts'],
])

export function adapted(golden: GoldenCase, step: GoldenStep, index: number): Played {
  const refused = (step.refused ?? []).map(({ index, code, reason, message }) => ({ index, code, reason, message }))
  const recorded: Played = { refused, state: step.state }
  return differences
    .filter((difference) => difference.appliesTo(golden))
    .reduce((expected, difference) => difference.adapt(expected, { step, index }), recorded)
}

function everywhere(): boolean {
  return true
}

function inOurWords(words: { because: string; cases: readonly string[]; recorded: RegExp; ours: string }): Difference {
  const { because, cases, recorded, ours } = words
  return {
    because,
    appliesTo: ({ name }) => cases.includes(name),
    adapt: ({ refused, state }) => {
      const events = state.events.map((event) => ({ ...event, message: event.message.replace(recorded, ours) }))
      return { refused, state: { ...state, events } }
    },
  }
}

/** The ExternalSecret of the one step is refused with this message, and so leads to nothing. */
function refusedInstead(refusal: { because: string; cases: readonly string[]; message: string }): Difference {
  return {
    because: refusal.because,
    appliesTo: ({ name }) => refusal.cases.includes(name),
    adapt: ({ state }, { step }) => {
      const index = step.do.findIndex((one) => 'create' in one && one.create.kind === 'ExternalSecret')
      const events = state.events.filter(({ object }) => !object.startsWith('ExternalSecret/'))
      return {
        refused: [{ index, code: 422, reason: 'Invalid', message: refusal.message }],
        state: { ...state, externalSecrets: {}, secrets: {}, events },
      }
    },
  }
}

function eachExternalSecret(expected: Played, change: (one: ObservedExternalSecret) => ObservedExternalSecret): Played {
  const externalSecrets = Object.fromEntries(
    Object.entries(expected.state.externalSecrets).map(([name, one]) => [name, change(one)]),
  )
  return { ...expected, state: { ...expected.state, externalSecrets } }
}
