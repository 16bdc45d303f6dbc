import { createHmac } from 'node:crypto'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type {
  ExternalSecretPreviewStatus,
  PreviewedKey,
  PreviewOrigin,
} from '../../kinds/verbs/external-secret-preview/kind.ts'
import { SyncError } from '../errors.ts'
import { fetchEntries } from '../fetch.ts'
import { readAllDocuments, type TemplateDocument } from '../render/template-documents.ts'
import { storePlace } from '../stores/store-ref.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { targetNameOf } from '../target/policy.ts'
import type { GeneratorRef } from '../values/generators.ts'
import { Origins } from './origins.ts'

export interface PreviewOptions {
  readonly showsValues: boolean
  /** What is wrong whatever the provider has. */
  readonly knownErrors: readonly PreviewError[]
  /** Of this process alone: equal values look equal, and nobody can try values elsewhere against what he has seen. */
  readonly hmacKey: Uint8Array
}

/**
 * What an ExternalSecret would write, key by key, and what gave each. The provider is asked anew; nothing is written,
 * and what a pass remembers (what is missing, what was seen) stays as it is.
 */
export async function previewOf(
  parts: SyncerParts,
  object: ExternalSecret,
  options: PreviewOptions,
): Promise<ExternalSecretPreviewStatus> {
  const preview = new Preview(parts, object, options.knownErrors)
  await preview.fetch()
  await preview.render()
  return preview.status(options)
}

type Values = ReadonlyMap<string, Uint8Array>
type PreviewError = NonNullable<ExternalSecretPreviewStatus['errors']>[number]

class Preview {
  readonly #parts: SyncerParts
  readonly #object: ExternalSecret
  readonly #origins: Origins
  readonly #errors: PreviewError[]
  readonly #fetched = new Map<string, Uint8Array>()
  #data: Values = new Map()
  #isWhole = true

  constructor(parts: SyncerParts, object: ExternalSecret, knownErrors: readonly PreviewError[]) {
    this.#parts = parts
    this.#object = object
    this.#origins = new Origins(object.spec)
    this.#errors = knownErrors.map(({ field, message }) => ({ field, message }))
  }

  async fetch(): Promise<void> {
    const { namespace = '' } = this.#object.metadata
    const { clock, namespaces, reads, renders, stores } = this.#parts
    const sinceMs = clock.monotonic()
    const results = await fetchEntries({
      spec: this.#object.spec,
      open: async (ref) => {
        const store = stores.usable(storePlace(ref, namespace), namespaces.get(namespace))
        return this.#origins.noting(await reads.open({ store, consumer: namespace, sinceMs }))
      },
      generate: (ref) => this.#generated(ref, namespace),
      rewrite: (values, operations) => renders.rewrite(values, operations, namespace),
    })
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') this.#take(index, result.value)
      else this.#missed(index, result.reason)
    }
  }

  /** Not while something could not be fetched: templates that miss it would be called wrong. */
  async render(): Promise<void> {
    const { template } = this.#object.spec.target ?? {}
    if (!this.#isWhole) return
    if (template === undefined) this.#data = this.#fetched
    else await this.#renderTemplates()
  }

  status(options: PreviewOptions): ExternalSecretPreviewStatus {
    const shown = (values: Values, origin: (key: string, value: Uint8Array) => PreviewOrigin) =>
      [...values].map(([key, value]) => shownKey(value, { key, from: origin(key, value) }, options))
    const isFetchedShown = this.#object.spec.target?.template !== undefined || !this.#isWhole
    return {
      targetName: targetNameOf(this.#object),
      ...(this.#errors.length > 0 && { errors: this.#errors }),
      keys: shown(this.#data, (key, value) => this.#origins.ofTarget(key, value)),
      ...(isFetchedShown && { fetched: shown(this.#fetched, (key) => this.#origins.ofFetched(key)) }),
    }
  }

  /** Each try would make new ones, and most of them at the provider. */
  async #generated(ref: GeneratorRef, namespace: string): Promise<Values> {
    if (localGenerators.has(ref.kind)) return (await this.#parts.generators.generate(ref, { namespace })).values
    throw new SyncError('not-served', `a preview makes no values of the generator ${ref.kind}`)
  }

  #take(index: number, values: Values): void {
    for (const [key, value] of values) {
      this.#fetched.set(key, value)
      this.#origins.note(index, key, value)
    }
  }

  #missed(index: number, error: unknown): void {
    this.#isWhole = false
    this.#failed(this.#origins.fieldOf(index), error)
  }

  #failed(field: string, error: unknown): void {
    if (this.#errors.some((known) => known.field === field || known.field === `${field}.literal`)) return
    this.#errors.push({ field, message: error instanceof SyncError ? error.message : 'the fetch failed' })
  }

  async #renderTemplates(): Promise<void> {
    const { clients, renders } = this.#parts
    const documents = await this.#documents(() => readAllDocuments(this.#object, clients))
    const content = await renders.target({
      externalSecret: this.#object,
      values: this.#fetched,
      documents,
      witness: {
        gave: (field, key) => this.#origins.templated(field, key),
        failed: (field, error) => this.#failed(field, error),
      },
    })
    this.#data = content.data
  }

  async #documents(read: () => Promise<readonly (readonly TemplateDocument[])[]>) {
    try {
      return await read()
    } catch (error) {
      this.#failed('spec.target.template.templateFrom', error)
      return []
    }
  }
}

const localGenerators: ReadonlySet<string> = new Set(['Fake', 'Password', 'SSHKey', 'UUID'])

function shownKey(
  value: Uint8Array,
  about: Pick<PreviewedKey, 'key' | 'from'>,
  { hmacKey, showsValues }: PreviewOptions,
): PreviewedKey {
  return {
    ...about,
    sizeBytes: value.byteLength,
    hmac: createHmac('sha256', hmacKey).update(value).digest('hex'),
    ...(showsValues && { value: Buffer.from(value).toString('base64') }),
  }
}
