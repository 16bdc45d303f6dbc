import type { Clock } from '../../base/clock.ts'
import type { Outbound } from '../../base/http.ts'
import type { Logger } from '../../base/log.ts'
import { limited } from '../../base/waiting/limited.ts'
import type { ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { ProviderError } from '../../providers/errors.ts'
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

/** For whom values are made. */
export interface GeneratorWish {
  readonly namespace: string
  /** Asked before anything is made that lasts; may reject with SyncError. */
  readonly mayLast?: () => Promise<void>
}

export interface Generated {
  readonly values: ReadonlyMap<string, Uint8Array>
  /** Of what was made outside and stays there until it is given back. */
  readonly lasting?: LastingThing
}

export interface LastingThing {
  /** The generator that made it, as it was then: kind and spec. */
  readonly resource: unknown
  readonly state: unknown
}

/** From a reference to new values (eso-behaviour.md 2.5). Nothing is shared: each wish gets values of its own. */
export class Generators {
  readonly #options: GeneratorsOptions

  constructor(options: GeneratorsOptions) {
    this.#options = options
  }

  /** Rejects with SyncError. */
  async generate(ref: GeneratorRef, { namespace, mayLast }: GeneratorWish): Promise<Generated> {
    const resource = await this.#resolved(ref, namespace)
    const { kind, spec } = effective(resource)
    this.#refuseForeign(spec)
    const generator = await loadGenerator(kind)
    if ('make' in generator) await mayLast?.()
    // Half a call that makes what lasts would leave it there unknown: it is not ended when the syncer is.
    const signal = limited(this.#options.timeoutMs, 'make' in generator ? undefined : this.#options.signal)
    try {
      if (!('make' in generator)) return { values: await generator.generate(spec, this.#context(namespace, signal)) }
      const { values, state } = await generator.make(spec, this.#context(namespace, signal))
      return { values, ...(state !== undefined && { lasting: { resource, state } }) }
    } catch (error) {
      const { code, message } = providerErrorOf(error, signal)
      throw new SyncError(code === 'unsupported' ? 'not-served' : 'fetch-failed', `error using generator: ${message}`)
    }
  }

  /** Rejects with ProviderError. Of a generator whose things end by themselves there is nothing to do. */
  async giveBack({ resource, state }: LastingThing, namespace: string): Promise<void> {
    const signal = limited(this.#options.timeoutMs)
    try {
      const { kind, spec } = effective(generatorOf(resource))
      const generator = await loadGenerator(kind)
      if ('giveBack' in generator) await generator.giveBack(spec, state, this.#context(namespace, signal))
    } catch (error) {
      throw providerErrorOf(error, signal)
    }
  }

  #context(namespace: string, signal: AbortSignal) {
    const { clock, log, outbound, sources } = this.#options
    // Whoever wrote a ClusterGenerator must not thereby read Secrets of other namespaces, nor have them read.
    const references = createReferences({ ...sources, store: { kind: 'SecretStore', namespace } })
    return { references, namespace, outbound, clock, log, signal }
  }

  async #resolved(ref: GeneratorRef, namespace: string): Promise<GeneratorResource> {
    const group = ref.apiVersion?.split('/')[0] ?? generatorGroup
    if (group !== generatorGroup) {
      throw unresolved(`terminal error: generatorRef may only reference the generators group, but got ${group}`)
    }
    const object = await this.#read(ref, namespace)
    const { kind, spec } = isGeneratorKind(ref.kind) ? { kind: ref.kind, spec: object['spec'] ?? {} } : unfolded(object)
    const { name = '', uid } = object.metadata
    // Never its annotations: they hold whatever anybody wrote.
    const metadata = { name, namespace, ...(uid !== undefined && { uid }) }
    return { apiVersion: `${generatorGroup}/v1alpha1`, kind, metadata, spec }
  }

  async #read({ kind, name }: GeneratorRef, namespace: string): Promise<KubeObject> {
    const at = kind === 'ClusterGenerator' ? { name } : { name, namespace }
    try {
      return await this.#options.client(`${kind.toLowerCase()}s`).get(at)
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

/** A generator as an object of its kind, whoever it came from. */
interface GeneratorResource {
  readonly apiVersion: string
  readonly kind: GeneratorKind
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid?: string }
  readonly spec: unknown
}

type Described = Pick<GeneratorResource, 'kind' | 'spec'>

function effective({ kind, spec }: Described): Described {
  return { kind, spec: withDefaults(generatorSchemas[kind], spec) }
}

/** The one spec of a ClusterGenerator that its kind names. */
function unfolded(object: KubeObject): Described {
  const { kind, generator } = isJsonObject(object['spec']) ? object['spec'] : {}
  if (typeof kind !== 'string' || !isGeneratorKind(kind)) throw unresolved('terminal error: invalid ClusterGenerator')
  const member = specMember(kind)
  const own = isJsonObject(generator) ? generator[member] : undefined
  if (own !== undefined) return { kind, spec: own }
  throw unresolved(`terminal error: invalid ClusterGenerator: when kind is ${kind}, ${kind}Spec must be set`)
}

/** Of what was kept of one, which anybody may have written. */
function generatorOf(resource: unknown): Described {
  const { kind, spec } = isJsonObject(resource) ? resource : {}
  if (typeof kind === 'string' && isGeneratorKind(kind)) return { kind, spec }
  throw new ProviderError('invalid-ref', 'spec.resource is no generator of a kind that is known here')
}

function unresolved(text: string): SyncError {
  return new SyncError('fetch-failed', `unable to get generator: ${text}`)
}
