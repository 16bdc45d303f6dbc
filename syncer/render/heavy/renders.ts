import type { MaybePromise } from '../../../base/waiting/maybe-promise.ts'
import type { ExternalSecret } from '../../../kinds/external-secret/v1.ts'
import { SyncError } from '../../errors.ts'
import { type ManifestContent, renderManifest } from '../../manifest/render-manifest.ts'
import { type Rewrite, rewriteValues, transformSource } from '../../rewrite/rewrite.ts'
import type { Content } from '../content.ts'
import type { Engine, Values } from '../engine.ts'
import type { Source } from '../parsed-templates.ts'
import { type Rendering, renderTarget } from '../render.ts'
import { documentSource } from '../template-documents.ts'
import type { RenderNote } from './render-job.ts'
import type { RenderThread } from './render-thread.ts'

/** What is to be rendered; with what is not its business. */
export type Unrendered = Omit<Rendering, 'engine'>

/**
 * Whatever templates do is done here: at once where it is light, as nearly everything is, and beside the thread that
 * answers everybody where a template makes keys or hashes passwords. All throw or reject with SyncError.
 */
export class Renders {
  readonly #engine: Engine
  readonly #thread: Pick<RenderThread, 'run'>

  constructor(engine: Engine, thread: Pick<RenderThread, 'run'>) {
    this.#engine = engine
    this.#thread = thread
  }

  target(unrendered: Unrendered): MaybePromise<Content> {
    if (!this.#hasHeavy(sourcesOf(unrendered))) return renderTarget({ engine: this.#engine, ...unrendered })
    return this.#inThread('target', unrendered)
  }

  manifest(unrendered: Unrendered): MaybePromise<ManifestContent> {
    if (!this.#hasHeavy(sourcesOf(unrendered))) return renderManifest({ engine: this.#engine, ...unrendered })
    return this.#inThread('manifest', unrendered)
  }

  rewrite(values: Values, operations: readonly Rewrite[], namespace: string): MaybePromise<Values> {
    const sources = operations.flatMap(({ transform }) => (transform ? transformSource(transform) : []))
    if (!this.#hasHeavy(sources)) return rewriteValues(values, operations, this.#engine)
    const input = { values: copied(values), operations }
    return this.#thread.run('rewrite', input, namespace).then(({ result }) => result)
  }

  #hasHeavy(sources: readonly Source[]): boolean {
    return sources.some((source) => this.#engine.templates.isHeavy(source))
  }

  async #inThread<T extends 'target' | 'manifest'>(
    task: T,
    { externalSecret, values, documents, witness }: Unrendered,
  ) {
    const isWitnessed = witness !== undefined
    const input = { externalSecret: seen(externalSecret), values: copied(values), documents, isWitnessed }
    const { result, notes } = await this.#thread.run(task, input, externalSecret.metadata.namespace ?? '')
    for (const note of notes) tell(witness, note)
    return result
  }
}

function sourcesOf({ externalSecret: { spec }, documents }: Unrendered): readonly Source[] {
  if (spec.target?.template === undefined) return []
  const { data = {}, metadata: { labels = {}, annotations = {} } = {} } = spec.target.template
  const texts = [data, labels, annotations].flatMap((templates) => Object.entries(templates))
  return [...texts.map(([name, text]) => ({ name, text })), ...documents.flat().map(documentSource)]
}

/** No template sees more of it. */
function seen({
  apiVersion,
  kind,
  metadata: { labels, annotations },
  spec: { target },
}: ExternalSecret): ExternalSecret {
  const metadata = { ...(labels && { labels }), ...(annotations && { annotations }) }
  return { apiVersion, kind, metadata, spec: { ...(target && { target }) } }
}

/** A view into a pool would take the whole pool along. */
function copied(values: Values): Values {
  return new Map([...values].map(([key, value]) => [key, new Uint8Array(value)]))
}

function tell(witness: Unrendered['witness'], note: RenderNote): void {
  if ('key' in note) witness?.gave(note.field, note.key)
  else witness?.failed(note.field, new SyncError(note.failure.code, note.failure.message))
}
