import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { StatusError } from '../../machinery/status.ts'
import { hashOfContent, hashOfData, hashOfManifest, hashOfText } from '../hash.ts'
import { planManifest } from '../manifest/manifest-plan.ts'
import { planSync } from '../plan.ts'
import type { Refusal } from '../plan/ownership.ts'
import type { Renders } from '../render/heavy/renders.ts'
import type { SyncerClients } from '../syncer-parts.ts'
import { observed } from './observed.ts'
import { prefixOf } from './policy.ts'
import { dataOf } from './secret-data.ts'
import type { TargetKind } from './target-kind.ts'
import type { GroupVersionKind, TargetResource } from './target-resource.ts'
import { Targets } from './targets.ts'
import { resourceWords, secretWords } from './words.ts'

interface TargetKindsOptions {
  readonly clients: SyncerClients
  readonly renders: Renders
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** A target of a namespace whose state is known has changed or gone. */
  readonly changed: (kind: TargetKind, namespace: string, name: string) => void
}

/** Why a kind cannot be written to. One that is only not there, or not reached, may come. */
export interface Unopened {
  readonly refusal: Refusal
  readonly isRetried: boolean
}

/** The kinds that targets are of: Secrets from the start, others from the first ExternalSecret that names them. */
export class TargetKinds {
  readonly secrets: TargetKind<Secret>
  readonly #options: TargetKindsOptions
  readonly #others = new Map<string, TargetKind>()

  constructor(options: TargetKindsOptions) {
    this.#options = options
    this.secrets = this.#secrets()
  }

  /** The kind of its target, where that is open already. */
  of({ spec }: ExternalSecret): TargetKind | undefined {
    const manifest = spec.target?.manifest
    return manifest === undefined ? this.secrets : this.#others.get(prefixOf(manifest))
  }

  all(): readonly TargetKind[] {
    return [this.secrets, ...this.#others.values()]
  }

  async open(externalSecret: ExternalSecret): Promise<TargetKind | Unopened> {
    const known = this.of(externalSecret)
    if (known !== undefined) return known
    const manifest = externalSecret.spec.target?.manifest as GroupVersionKind
    const { targetResources } = this.#options.clients
    if (targetResources === undefined) return invalid(disabled)
    if (manifest.apiVersion === 'v1' && manifest.kind === 'Secret') return invalid(secretManifest)
    try {
      const resource = await targetResources(manifest)
      if (resource === undefined) return unreached(`no kind ${manifest.kind} of ${manifest.apiVersion} is served here`)
      return this.of(externalSecret) ?? this.#add(manifest, resource)
    } catch (error) {
      return unreached(error instanceof StatusError ? error.message : 'the request failed')
    }
  }

  /** Begins to follow the targets of its kind in its namespace; resolves when they may be asked for, or cannot be. */
  async watch(externalSecret: ExternalSecret): Promise<void> {
    const kind = this.of(externalSecret) ?? (await this.open(externalSecret))
    if ('targets' in kind) await kind.targets.watch(externalSecret.metadata.namespace ?? '')
  }

  end(namespace: string): void {
    for (const { targets } of this.all()) targets.end(namespace)
  }

  #add(manifest: GroupVersionKind, resource: TargetResource): TargetKind {
    const { mayWatch = always, readMetadata = (at) => resource.client.get(at) } = resource
    const prefix = prefixOf(manifest)
    const targets = new Targets({
      ...this.#options,
      what: manifest.kind,
      client: resource.client,
      readMetadata,
      mayWatch,
      hashOf: hashOfManifest,
      isDefaulted: true,
      changed: (namespace, name) => this.#options.changed(kind, namespace, name),
    })
    const kind: TargetKind = {
      client: observed(resource.client, targets),
      targets,
      words: resourceWords(manifest.kind),
      prefix,
      render: async (unrendered, adoption) => {
        const { externalSecret } = unrendered
        const content = await this.#options.renders.manifest(unrendered)
        return {
          hash: hashOfText(JSON.stringify(content)),
          plan: (current) => planManifest({ externalSecret, content, adoption, ...(current && { current }) }),
        }
      },
    }
    this.#others.set(prefix, kind)
    return kind
  }

  #secrets(): TargetKind<Secret> {
    const { clients, changed, renders } = this.#options
    const targets = new Targets({
      ...this.#options,
      what: 'secrets',
      client: clients.secrets,
      readMetadata: clients.readSecretMetadata ?? ((at) => clients.secrets.get(at)),
      mayWatch: clients.mayWatchSecrets ?? always,
      hashOf: (object) => hashOfData(dataOf(object as Secret)),
      isDefaulted: false,
      changed: (namespace, name) => changed(this.secrets, namespace, name),
    })
    return {
      client: observed(clients.secrets, targets),
      targets,
      words: secretWords,
      prefix: '',
      render: async (unrendered, adoption) => {
        const { externalSecret } = unrendered
        const content = await renders.target(unrendered)
        return {
          hash: hashOfContent(content),
          plan: (current) => planSync({ externalSecret, content, adoption, ...(current && { current }) }),
        }
      },
    }
  }
}

const disabled = 'generic targets are disabled. Enable with --unsafe-allow-generic-targets flag'
const secretManifest = 'spec.target.manifest names a Secret: leave it out, a Secret is what is written without it'

function always(): Promise<boolean> {
  return Promise.resolve(true)
}

/** ESO's words; the object has to change, or the flag. */
function invalid(detail: string): Unopened {
  return { refusal: { message: 'invalid generic target', detail }, isRetried: false }
}

function unreached(detail: string): Unopened {
  return { refusal: { message: 'could not get target resource', detail }, isRetried: true }
}
