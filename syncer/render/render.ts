import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { decodeValue } from '../decode.ts'
import { explained, SyncError } from '../errors.ts'
import type { Content } from './content.ts'
import { type Engine, render, type Values } from './engine.ts'
import { keysAndValues } from './keys-and-values.ts'
import { documentSource, type Template, type TemplateDocument } from './template-documents.ts'

/** What an entry of `templateFrom` names, read. */
export interface Rendering {
  readonly externalSecret: ExternalSecret
  readonly values: Values
  /** The documents of each entry of `templateFrom`. */
  readonly documents: readonly (readonly TemplateDocument[])[]
  readonly engine: Engine
  /** Told of each template apart: then one that fails does not end the rest. */
  readonly witness?: Witness
}

interface Witness {
  /** The template that stands there gave this key of the data. */
  readonly gave: (field: string, key: string) => void
  readonly failed: (field: string, error: SyncError) => void
}

type Place = 'data' | 'labels' | 'annotations'

/** The content of a target (eso-behaviour.md 4.2): templates see what was fetched, nothing else. Throws SyncError. */
export function renderTarget(rendering: Rendering): Content {
  const { externalSecret, values, documents } = rendering
  const { metadata, spec } = externalSecret
  const template = spec.target?.template
  const { labels = {}, annotations = {} } = metadata
  if (template === undefined) return { data: values, labels, annotations, finalizers: [] }
  return explained('could not apply template', () => new Renderer(template, rendering).render(documents))
}

class Renderer {
  readonly #template: Template
  readonly #values: Values
  readonly #engine: Engine
  readonly #witness: Witness | undefined
  readonly #places: Readonly<Record<Place, Map<string, Uint8Array>>>

  constructor(template: Template, { values, engine, witness }: Rendering) {
    this.#template = template
    this.#values = values
    this.#engine = engine
    this.#witness = witness
    const { data = {}, mergePolicy, templateFrom = [] } = template
    const isEmpty = Object.keys(data).length === 0 && templateFrom.length === 0
    const fetched = mergePolicy === 'Merge' || isEmpty ? values : []
    this.#places = { data: new Map(fetched), labels: new Map(), annotations: new Map() }
  }

  render(documents: Rendering['documents']): Content {
    const { data = {}, metadata = {}, templateFrom = [], type } = this.#template
    explained('error fetching templateFrom data', () => {
      for (const [index, entry] of templateFrom.entries()) {
        const field = `${templateField}.templateFrom[${index}]`
        this.#witnessed(field, () => this.#pour(entry, documents[index] ?? [], field))
      }
    })
    const texts = [
      ['data', data, 'data'],
      ['labels', metadata.labels ?? {}, 'metadata.labels'],
      ['annotations', metadata.annotations ?? {}, 'metadata.annotations'],
    ] as const
    explained('could not execute template: could not execute template', () => {
      for (const [place, templates, member] of texts) this.#renderAll(place, templates, `${templateField}.${member}`)
    })
    return {
      data: this.#places.data,
      labels: textsOf(this.#places.labels),
      annotations: textsOf(this.#places.annotations),
      finalizers: metadata.finalizers ?? [],
      ...(type && { type }),
    }
  }

  #pour(
    entry: NonNullable<Template['templateFrom']>[number],
    documents: readonly TemplateDocument[],
    field: string,
  ): void {
    const { target, valuesDecodingStrategy } = entry
    const place = placeOf(target)
    for (const document of documents) {
      for (const [key, value] of this.#rendered(document)) {
        const failed = `failed to decode rendered template value for key ${key}`
        const decoded = explained(failed, () => decodeValue(value, valuesDecodingStrategy))
        this.#places[place].set(key, decoded)
        if (place === 'data') this.#witness?.gave(field, key)
      }
    }
  }

  #rendered(document: TemplateDocument): Values {
    const rendered = render(documentSource(document), this.#values, this.#engine)
    return document.templateAs === 'KeysAndValues' ? keysAndValues(rendered) : new Map([[document.key, rendered]])
  }

  #renderAll(place: Place, templates: Readonly<Record<string, string>>, field: string): void {
    for (const [name, text] of Object.entries(templates)) {
      this.#witnessed(`${field}[${name}]`, () => {
        this.#places[place].set(name, render({ name, text }, this.#values, this.#engine))
        if (place === 'data') this.#witness?.gave(`${field}[${name}]`, name)
      })
    }
  }

  #witnessed(field: string, step: () => void): void {
    if (this.#witness === undefined) return step()
    try {
      step()
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      this.#witness.failed(field, error)
    }
  }
}

const templateField = 'spec.target.template'

function placeOf(target: string | undefined): Place {
  const place = (target ?? '').toLowerCase()
  return place === 'labels' || place === 'annotations' ? place : 'data'
}

function textsOf(values: Values): Readonly<Record<string, string>> {
  return Object.fromEntries([...values].map(([key, value]) => [key, Buffer.from(value).toString()]))
}
