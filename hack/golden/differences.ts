import { parseGoDuration } from '../../machinery/duration.ts'
import type {
  GoldenCase,
  GoldenStep,
  Manifest,
  ObservedEvent,
  ObservedExternalSecret,
  Refusal,
  State,
} from './golden-case.ts'

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
    recorded: /(unable to unmarshal secret: )?(invalid character '.*' |json: cannot unmarshal ).*/,
    ours: '$1the value is not a JSON object',
  }),
  inOurWords({
    because: "kube-apiserver shows its parser's error beside a redacted value; it may quote the value",
    recorded: /("<secret contents redacted>": ).*/,
    ours: '$1<ours>',
  }),
  inOurWords({
    because: 'eso-behaviour 8, fake: a dump of the program with memory addresses is no message',
    recorded: /unsupported find operator: v1\.ExternalSecretFind.*/,
    ours: 'unsupported find operator: <ours>',
  }),
  inOurWords({
    because: "one line with the call and its code; a provider's own text may repeat what it was sent",
    recorded: /Error making API request\.[^]*/,
    ours: '<ours>',
  }),
  inOurWords({
    because: 'a template may come out of a Secret and runs on values: errors say where, and quote neither',
    recorded: /(unable to execute template at key )[^]*/,
    ours: '$1<ours>',
  }),
  inOurWords({
    because: 'the same of a template that renames keys',
    recorded: /(transform failed with failed to (?:parse|execute) template)[^]*/,
    ours: '$1<ours>',
  }),
  inOurWords({
    because: 'the parser of another language is not quoted, and neither is the rendered text',
    recorded: /(could not unmarshal template to 'map\[string\]\[\]byte': )[^]*/,
    ours: '$1<ours>',
  }),
  inOurWords({
    because: 'eso-behaviour 8.11: the Secret of a SecretStore is not one of a ClusterSecretStore',
    recorded: /failed to get clustersecretstore webhook secret/,
    ours: 'failed to get webhook secret',
  }),
  inOurWords({
    because: 'our parsers say in their words where they stopped, and quote neither the template nor the answer',
    recorded: /(failed to parse url: template: |failed to get response path \$\[: |failed to parse response json: ).*/,
    ours: '$1<ours>',
  }),
  inOurWords({
    because: 'a provider that cannot find is named as such',
    recorded: /(error getting all secrets: )not implemented/,
    ours: '$1the provider cannot find secrets',
  }),
  {
    because: 'what ESO finds out in each pass, admission says: targets that no Secret has, and tokens to be made',
    appliesTo: ({ name }) =>
      /^compose-(from-target-spec-refused|service-account-token(-annotations-from)?)$/.test(name),
    adapt: refused,
  },
  {
    because: 'a template that cannot be parsed is refused with its field, line and column, before anything is fetched',
    appliesTo: ({ steps }) => steps.some(({ state }) => state.events.some(isUnparsed)),
    adapt: refused,
  },
  {
    because: "admission says what only ESO's webhook would have said (it was not running while this was recorded)",
    appliesTo: ({ note }) => note?.includes('admission webhook of ESO refuses this') === true,
    adapt: refused,
  },
  {
    because: 'eso-behaviour 8.2: without spec every pass ended in a recovered panic',
    appliesTo: (golden) => externalSecretsOf(golden).some(({ spec }) => spec === undefined),
    adapt: refused,
  },
  {
    because: 'eso-behaviour 8.1: an interval that cannot be decoded stopped every ExternalSecret of the cluster',
    appliesTo: (golden) => externalSecretsOf(golden).some(hasUndecodableInterval),
    adapt: refused,
  },
  {
    because: 'eso-behaviour 8.15: a store whose token is refused says so instead of being ready',
    appliesTo: ({ area }) => area === 'kubernetes',
    adapt: storeSaysUnauthorized,
  },
  {
    because: 'nothing is written to a Secret, not even a label, before it is known what to write',
    appliesTo: ({ name }) => name === 'compose-template-sees-no-existing-data',
    adapt: targetUntouched,
  },
  {
    because: 'creationPolicy None writes nothing at all, so that there is nothing to repair either',
    appliesTo: ({ name }) => name === 'creation-none-target-edited',
    adapt: (expected, { index }) => {
      const { state } = targetUntouched(expected)
      if (index !== 1) return { ...expected, state }
      return eachExternalSecret({ ...expected, state }, (one) => ({ ...one, refreshed: false }))
    },
  },
]

/** Cases whose every step leads elsewhere on purpose: what must hold instead is tested where it belongs. */
export const playedElsewhere: ReadonlyMap<string, string> = new Map([
  [
    'refresh-interval-undecodable-stops-all-others',
    'the bad object is refused at admission, so nothing stops (refresh-interval-days shows the refusal)',
  ],
  [
    'rewrite-transform-unknown-field',
    'a field that is not there is an error that names it, not a key with the text <no value>: syncer/pure.test.ts',
  ],
  ['store-refresh-interval-invalid', 'the store is refused at admission: kinds/secret-store/secret-store.test.ts'],
  [
    'creation-merge-several-es-one-secret',
    'which of the two writes last is a matter of luck, and managedFields show it: syncer/syncer.test.ts',
  ],
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

function isUnparsed({ message }: ObservedEvent): boolean {
  return /unable to parse template|failed to parse template/.test(message)
}

function everywhere(): boolean {
  return true
}

/** In every event message, what is `recorded` reads as `ours`. */
function inOurWords(words: { because: string; recorded: RegExp; ours: string }): Difference {
  return {
    because: words.because,
    appliesTo: everywhere,
    adapt: (expected) =>
      eachEvent(expected, (one) => ({ ...one, message: one.message.replace(words.recorded, words.ours) })),
  }
}

/** The ExternalSecret of the step is refused, and so leads to nothing. */
function refused({ state }: Played, { step }: { readonly step: GoldenStep }): Played {
  const index = step.do.findIndex((one) => 'create' in one && one.create.kind === 'ExternalSecret')
  const events = state.events.filter(({ object }) => !object.startsWith('ExternalSecret/'))
  return {
    refused: [{ index, code: 422, reason: 'Invalid', message: '<ours>' }],
    state: { ...state, externalSecrets: {}, secrets: {}, events },
  }
}

function externalSecretsOf({ steps }: GoldenCase): readonly Manifest[] {
  const created = steps.flatMap((step) => step.do.flatMap((one) => ('create' in one ? [one.create] : [])))
  return created.filter(({ kind }) => kind === 'ExternalSecret')
}

function hasUndecodableInterval({ spec }: Manifest): boolean {
  const { refreshInterval } = (spec ?? {}) as { readonly refreshInterval?: string }
  return refreshInterval !== undefined && parseGoDuration(refreshInterval) === undefined
}

const unauthorized = 'could not verify if client is valid: Unauthorized'

function storeSaysUnauthorized(expected: Played): Played {
  if (!expected.state.events.some(({ message }) => message === unauthorized)) return expected
  const condition = {
    message: 'unable to validate store',
    reason: 'InvalidProviderConfig',
    status: 'False',
    type: 'Ready',
  }
  const stores = Object.fromEntries(
    Object.keys(expected.state.stores ?? {}).map((name) => [name, { status: { conditions: [condition] } }]),
  )
  const told = eachEvent(expected, (one) =>
    one.message === unauthorized
      ? { ...one, reason: condition.reason }
      : { ...one, message: one.message.replace(/err: Unauthorized$/, 'err: SecretStore <ours> is not ready') },
  )
  return { ...told, state: { ...told.state, stores } }
}

const managedLabel = 'reconcile.external-secrets.io/managed'

/** The recorded controller had put its label on the Secret beforehand. */
function targetUntouched(expected: Played): Played {
  const secrets = Object.entries(expected.state.secrets).map(([name, secret]) => {
    const { [managedLabel]: _, ...labels } = secret['labels'] as unknown as Record<string, unknown>
    const managedFields = (secret['managedFields'] as unknown as readonly { readonly manager: string }[]).filter(
      ({ manager }) => !manager.startsWith('externalsecrets.'),
    )
    return [name, { ...(secret as object), labels, managedFields } as unknown as typeof secret] as const
  })
  const told = eachEvent(expected, (one) => ({
    ...one,
    message: one.message.replace(/^unable to mutate secret t: /, ''),
  }))
  const unbound = eachExternalSecret(told, (one) => ({ ...one, status: { ...one.status, binding: { name: '' } } }))
  return { ...unbound, state: { ...unbound.state, secrets: Object.fromEntries(secrets) } }
}

function eachEvent(expected: Played, change: (one: ObservedEvent) => ObservedEvent): Played {
  return { ...expected, state: { ...expected.state, events: expected.state.events.map(change) } }
}

function eachExternalSecret(expected: Played, change: (one: ObservedExternalSecret) => ObservedExternalSecret): Played {
  const externalSecrets = Object.fromEntries(
    Object.entries(expected.state.externalSecrets).map(([name, one]) => [name, change(one)]),
  )
  return { ...expected, state: { ...expected.state, externalSecrets } }
}
