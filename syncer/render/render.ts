import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { decodeValue } from '../decode.ts'
import { explained } from '../errors.ts'
import type { Content } from './content.ts'
import { type Engine, render, type Values } from './engine.ts'
import { keysAndValues } from './keys-and-values.ts'
import type { Template, TemplateDocument } from './template-documents.ts'

/** What an entry of `templateFrom` names, read. */
export interface Rendering {
  readonly externalSecret: ExternalSecret
  readonly values: Values
  /** The documents of each entry of `templateFrom`. */
  readonly documents: readonly (readonly TemplateDocument[])[]
  readonly engine: Engine
}

type Place = 'data' | 'labels' | 'annotations'

/** The content of a target (eso-behaviour.md 4.2): templates see what was fetched, nothing else. Throws SyncError. */
export function renderTarget({ externalSecret: { metadata, spec }, values, documents, engine }: Rendering): Content {
  const template = spec.target?.template
  const { labels = {}, annotations = {} } = metadata
  if (template === undefined) return { data: values, labels, annotations, finalizers: [] }
  return explained('could not apply template', () => new Renderer(template, values, engine).render(documents))
}

class Renderer {
  readonly #template: Template
  readonly #values: Values
  readonly #engine: Engine
  readonly #places: Readonly<Record<Place, Map<string, Uint8Array>>>

  constructor(template: Template, values: Values, engine: Engine) {
    this.#template = template
    this.#values = values
    this.#engine = engine
    const { data = {}, mergePolicy, templateFrom = [] } = template
    const isEmpty = Object.keys(data).length === 0 && templateFrom.length === 0
    const fetched = mergePolicy === 'Merge' || isEmpty ? values : []
    this.#places = { data: new Map(fetched), labels: new Map(), annotations: new Map() }
  }

  render(documents: Rendering['documents']): Content {
    const { data = {}, metadata = {}, templateFrom = [], type } = this.#template
    explained('error fetching templateFrom data', () => {
      for (const [index, entry] of templateFrom.entries()) this.#pour(entry, documents[index] ?? [])
    })
    const texts = [
      ['data', data],
      ['labels', metadata.labels ?? {}],
      ['annotations', metadata.annotations ?? {}],
    ] as const
    explained('could not execute template: could not execute template', () => {
      for (const [place, templates] of texts) this.#renderAll(place, templates)
    })
    return {
      data: this.#places.data,
      labels: textsOf(this.#places.labels),
      annotations: textsOf(this.#places.annotations),
      finalizers: metadata.finalizers ?? [],
      ...(type && { type }),
    }
  }

  #pour(entry: NonNullable<Template['templateFrom']>[number], documents: readonly TemplateDocument[]): void {
    const { target, valuesDecodingStrategy } = entry
    const into = this.#places[placeOf(target)]
    for (const document of documents) {
      for (const [key, value] of this.#rendered(document)) {
        const failed = `failed to decode rendered template value for key ${key}`
        into.set(
          key,
          explained(failed, () => decodeValue(value, valuesDecodingStrategy)),
        )
      }
    }
  }

  #rendered({ key, text, templateAs, isConfidential }: TemplateDocument): Values {
    const rendered = render({ name: key, text, isConfidential }, this.#values, this.#engine)
    return templateAs === 'KeysAndValues' ? keysAndValues(rendered) : new Map([[key, rendered]])
  }

  #renderAll(place: Place, templates: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(templates)) {
      this.#places[place].set(name, render({ name, text }, this.#values, this.#engine))
    }
  }
}

function placeOf(target: string | undefined): Place {
  const place = (target ?? '').toLowerCase()
  return place === 'labels' || place === 'annotations' ? place : 'data'
}

function textsOf(values: Values): Readonly<Record<string, string>> {
  return Object.fromEntries([...values].map(([key, value]) => [key, Buffer.from(value).toString()]))
}
