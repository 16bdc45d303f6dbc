import { LRUCache } from 'lru-cache'
import { TemplateError } from '../../template/errors.ts'
import { parse, type Template } from '../../template/template.ts'

export interface Source {
  /** What errors call it; never the source itself, which may come out of a Secret. */
  readonly name: string
  readonly text: string
  readonly isConfidential?: boolean
}

/** What is kept, as it was measured: a parsed template takes some twenty times its text, and 2 KiB anyhow. */
const sizeMax = 16 << 20
const sizePerCharacter = 20
const sizeAnyhow = 2048

/**
 * Templates that were parsed before, by what they are called and their text: thousands of specs have the same, and each
 * has it again at each refresh. One that comes out of a Secret is not kept: it goes when the Secret does.
 */
export class ParsedTemplates {
  readonly #known = new LRUCache<string, Template>({ maxSize: sizeMax })

  /** Throws TemplateError. */
  parse({ name, text, isConfidential = false }: Source): Template {
    if (isConfidential) return parse(text, { name, isConfidential })
    // The length keeps two from having one key: a name may hold anything.
    const key = `${name.length} ${name}${text}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const template = parse(text, { name })
    this.#known.set(key, template, { size: sizeAnyhow + key.length * sizePerCharacter })
    return template
  }

  /** Whether it may take long; not when it is none. */
  isHeavy(source: Source): boolean {
    if (!source.text.includes('{{')) return false
    try {
      return this.parse(source).heavyFunctions.length > 0
    } catch (error) {
      if (error instanceof TemplateError) return false
      throw error
    }
  }
}
