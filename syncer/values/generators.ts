import type { Clock } from '../../base/clock.ts'
import type { Outbound } from '../../base/http.ts'
import type { Logger } from '../../base/log.ts'
import type { ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { loadGenerator } from '../../providers/generators/load.ts'
import { generatorSchemas, isGeneratorKind, specMember, type GeneratorKind } from '../../providers/generators/specs.ts'
import { createReferences, type ReferenceSources } from '../../providers/references.ts'
import { SyncError } from '../errors.ts'
import { providerErrorOf } from '../stores/identity.ts'

type DataFromEntry = NonNullable<ExternalSecretSpec['dataFrom']>[number]
export type GeneratorRef = NonNullable<NonNullable<DataFromEntry['sourceRef']>['generatorRef']>

interface GeneratorsOptions {
  /** By the plural of the kind. */
  readonly client: (plural: string) => ResourceClient<KubeObject>
  readonly sources: Omit<ReferenceSources, 'store' | 'consumerNamespace'>
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly controllerClass: string
}

/** From a reference to new values (eso-behaviour.md 2.5). Nothing is shared: each wish gets values of its own. */
export class Generators {
  readonly #options: GeneratorsOptions

  constructor(options: GeneratorsOptions) {
    this.#options = options
  }

  /** Rejects with SyncError. */
  async generate(ref: GeneratorRef, namespace: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const { kind, spec } = await this.#resolved(ref, namespace)
    this.#refuseForeign(spec)
    const generator = await loadGenerator(kind)
    const { clock, log, outbound, sources, timeoutMs } = this.#options
    const signal = AbortSignal.any([this.#options.signal, AbortSignal.timeout(timeoutMs)])
    // Whoever wrote a ClusterGenerator must not thereby read Secrets of other namespaces, nor have them read.
    const references = createReferences({ ...sources, store: { kind: 'SecretStore', namespace } })
    try {
      return await generator.generate(spec, { references, namespace, outbound, clock, log, signal })
    } catch (error) {
      const { code, message } = providerErrorOf(error, signal)
      throw new SyncError(code === 'unsupported' ? 'not-served' : 'fetch-failed', `error using generator: ${message}`)
    }
  }

  async #resolved(ref: GeneratorRef, namespace: string): Promise<Resolved> {
    const group = ref.apiVersion?.split('/')[0] ?? generatorGroup
    if (group !== generatorGroup) {
      throw unresolved(`terminal error: generatorRef may only reference the generators group, but got ${group}`)
    }
    const spec = await this.#specOf(ref, namespace)
    if (isGeneratorKind(ref.kind)) return effective(ref.kind, spec)
    return unfolded(spec)
  }

  async #specOf({ kind, name }: GeneratorRef, namespace: string): Promise<unknown> {
    const at = kind === 'ClusterGenerator' ? { name } : { name, namespace }
    try {
      return (await this.#options.client(`${kind.toLowerCase()}s`).get(at))['spec'] ?? {}
    } catch (error) {
      const isMissing = isStatusReason(error, 'NotFound')
      throw unresolved(isMissing ? `${kind}.${generatorGroup} "${name}" not found` : `${kind} "${name}" cannot be read`)
    }
  }

  /** Of another controller class: that one generates. */
  #refuseForeign(spec: unknown): void {
    const controller = isJsonObject(spec) ? spec['controller'] : undefined
    if (controller === undefined || controller === '' || controller === this.#options.controllerClass) return
    throw unresolved('it belongs to another controller class')
  }
}

const generatorGroup = 'generators.external-secrets.io'

interface Resolved {
  readonly kind: GeneratorKind
  readonly spec: unknown
}

function effective(kind: GeneratorKind, spec: unknown): Resolved {
  return { kind, spec: withDefaults(generatorSchemas[kind], spec) }
}

/** The one spec of a ClusterGenerator that its kind names. */
function unfolded(spec: unknown): Resolved {
  const { kind, generator } = isJsonObject(spec) ? spec : {}
  if (typeof kind !== 'string' || !isGeneratorKind(kind)) throw unresolved('terminal error: invalid ClusterGenerator')
  const member = specMember(kind)
  const own = isJsonObject(generator) ? generator[member] : undefined
  if (own !== undefined) return effective(kind, own)
  throw unresolved(`terminal error: invalid ClusterGenerator: when kind is ${kind}, ${kind}Spec must be set`)
}

function unresolved(text: string): SyncError {
  return new SyncError('fetch-failed', `unable to get generator: ${text}`)
}
