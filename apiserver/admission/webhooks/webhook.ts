import { SelectorError } from '../../../machinery/selector/errors.ts'
import { internalError } from '../../../machinery/status-errors.ts'
import type { WebhookConfiguration, WebhookSpec, NamespaceReader } from '../configuration.ts'
import type { Expression } from '../expressions/evaluation.ts'
import { conditionsOf } from '../matching/conditions.ts'
import { type Matcher, matcherOf } from '../matching/matcher.ts'

/** One webhook of a configuration, ready to be asked. */
export interface Webhook {
  readonly spec: WebhookSpec
  readonly configuration: string
  /** Unique among all of its sort. */
  readonly id: string
  readonly matches: Matcher
  readonly conditions: readonly Expression[]
  readonly timeoutMs: number
  readonly ignoresFailure: boolean
  readonly hasSideEffects: boolean
}

/** Made once for each state of the configurations, in the order of their names and then of their webhooks. */
export class Webhooks {
  readonly #namespaceOf: NamespaceReader
  readonly #made = new WeakMap<WebhookConfiguration, readonly Webhook[]>()

  constructor(namespaceOf: NamespaceReader) {
    this.#namespaceOf = namespaceOf
  }

  of(configurations: readonly WebhookConfiguration[]): readonly Webhook[] {
    return configurations.flatMap((configuration) => {
      const made = this.#made.get(configuration) ?? this.#make(configuration)
      this.#made.set(configuration, made)
      return made
    })
  }

  #make({ metadata, webhooks = [] }: WebhookConfiguration): readonly Webhook[] {
    const { name: configuration = '' } = metadata
    return webhooks.map((spec, index) => ({
      spec,
      configuration,
      id: `${configuration}/${spec.name}/${index}`,
      matches: answerable(matcherOf({ ...spec, rules: spec.rules ?? [] }, this.#namespaceOf)),
      conditions: conditionsOf(spec.matchConditions, { hasAuthorizer: true }),
      timeoutMs: timeoutMsOf(spec),
      ignoresFailure: spec.failurePolicy === 'Ignore',
      hasSideEffects: spec.sideEffects !== 'None' && spec.sideEffects !== 'NoneOnDryRun',
    }))
  }
}

/** A selector without a sense refuses every write, as in kube-apiserver; validation keeps it from being stored. */
function answerable(matches: Matcher): Matcher {
  return (request) =>
    matches(request).catch((error: unknown) => {
      throw error instanceof SelectorError ? internalError(error.message) : error
    })
}

const [secondsMin, secondsMax, secondsDefault] = [1, 30, 10]

function timeoutMsOf({ timeoutSeconds = secondsDefault }: WebhookSpec): number {
  return Math.min(Math.max(timeoutSeconds, secondsMin), secondsMax) * 1000
}
