import { parseValuePath, type PathStep } from '../../machinery/json/value-path.ts'
import type { JsonValue } from '../../machinery/object.ts'
import { decodeYaml, YamlDecodeError } from '../../machinery/yaml.ts'
import { decodeValue } from '../decode.ts'
import { explained, SyncError } from '../errors.ts'
import { type Engine, render, type Values } from '../render/engine.ts'
import { keysAndValues } from '../render/keys-and-values.ts'
import type { Source } from '../render/parsed-templates.ts'
import type { Rendering } from '../render/render.ts'
import { documentSource, type Template, type TemplateDocument } from '../render/template-documents.ts'
import type { Edit } from './edits.ts'

/** What an object of another kind is to hold, as changes to it: what is there decides what a path meets. */
export interface ManifestContent {
  readonly edits: readonly Edit[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

type TemplateFrom = NonNullable<Template['templateFrom']>[number]

/** The content of a target that is no Secret (eso-behaviour.md 1.11 and 4.3). Throws SyncError. */
export function renderManifest({ externalSecret, values, documents, engine }: Rendering): ManifestContent {
  const { metadata, spec } = externalSecret
  const template = spec.target?.template
  if (template === undefined) {
    const { labels = {}, annotations = {} } = metadata
    const path = spec.target?.manifest?.kind === 'ConfigMap' ? ['data'] : ['spec', 'data']
    return { edits: [{ op: 'merge', path, value: textsOf(values) }], labels, annotations }
  }
  return explained('could not apply template', () => new ManifestRenderer(template, values, engine).render(documents))
}

class ManifestRenderer {
  readonly #template: Template
  readonly #values: Values
  readonly #engine: Engine
  readonly #edits: Edit[] = []
  readonly #labels: Record<string, string>
  readonly #annotations: Record<string, string>

  constructor(template: Template, values: Values, engine: Engine) {
    this.#template = template
    this.#values = values
    this.#engine = engine
    // Of an object of another kind, metadata is copied: only of Secrets it is a template.
    this.#labels = { ...template.metadata?.labels }
    this.#annotations = { ...template.metadata?.annotations }
  }

  render(documents: Rendering['documents']): ManifestContent {
    const { data = {}, templateFrom = [] } = this.#template
    explained('error fetching templateFrom data', () => {
      for (const [index, entry] of templateFrom.entries()) {
        for (const document of documents[index] ?? []) this.#pour(entry, document)
      }
    })
    explained('could not execute template: could not execute template', () => {
      const texts = Object.entries(data).map(([name, text]) => [name, this.#rendered({ name, text })] as const)
      if (texts.length > 0) this.#edits.push({ op: 'merge', path: ['data'], value: textsOf(new Map(texts)) })
    })
    return { edits: this.#edits, labels: this.#labels, annotations: this.#annotations }
  }

  #pour({ target = '', valuesDecodingStrategy }: TemplateFrom, document: TemplateDocument): void {
    const { key, templateAs } = document
    const rendered = this.#rendered(documentSource(document))
    const isMap = templateAs === 'KeysAndValues'
    const decoded = (): Values => {
      const entries = isMap ? keysAndValues(rendered) : new Map([[key, rendered]])
      return new Map([...entries].map(([name, value]) => [name, decodedValue(name, value, valuesDecodingStrategy)]))
    }
    switch (target.toLowerCase()) {
      case '':
      case 'data':
        this.#edits.push({ op: 'merge', path: ['data'], value: textsOf(decoded()) })
        return
      case 'labels':
        Object.assign(this.#labels, textsOf(decoded()))
        return
      case 'annotations':
        Object.assign(this.#annotations, textsOf(decoded()))
        return
      case 'spec':
        this.#edits.push(
          isMap
            ? { op: 'set', path: ['spec'], value: yamlOf(rendered) }
            : { op: 'merge', path: ['spec'], value: textsOf(decoded()) },
        )
        return
      default: {
        const path = pathOf(target)
        if (isMap) {
          this.#edits.push({ op: path.length === 1 ? 'set' : 'merge', path, value: yamlOf(rendered) })
          return
        }
        for (const value of decoded().values()) this.#edits.push({ op: 'set', path, value: yamlOrText(value) })
      }
    }
  }

  #rendered(source: Source): Uint8Array {
    return render(source, this.#values, this.#engine)
  }
}

function decodedValue(key: string, value: Uint8Array, strategy: string | undefined): Uint8Array {
  return explained(`failed to decode rendered template value for key ${key}`, () => decodeValue(value, strategy))
}

/** Admission has judged it; an object that was stored otherwise is judged here. */
function pathOf(target: string): readonly PathStep[] {
  const path = parseValuePath(target)
  if (typeof path === 'string') throw new SyncError('invalid-value', `templateFrom target ${target}: ${path}`)
  return path
}

function yamlOf(document: Uint8Array): JsonValue {
  const value = yamlIfAny(document)
  if (value === undefined) throw new SyncError('invalid-value', 'failed to unmarshal the rendered template: not YAML')
  return value
}

function yamlOrText(value: Uint8Array): JsonValue {
  const read = yamlIfAny(value)
  return read === undefined ? textOf(value) : read
}

function yamlIfAny(document: Uint8Array): JsonValue | undefined {
  try {
    return decodeYaml(textOf(document))
  } catch (error) {
    if (error instanceof YamlDecodeError) return undefined
    throw error
  }
}

function textsOf(values: Values): Readonly<Record<string, string>> {
  return Object.fromEntries([...values].map(([key, value]) => [key, textOf(value)]))
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString()
}
