import type { KubeObject } from '../../../machinery/object.ts'
import type { Conversion } from '../conversion.ts'
import type { Tally } from '../../../base/metrics.ts'
import { type ServedForm, servedForm } from '../codec.ts'
import type { StoredState } from '../stored.ts'

const recentCountMax = 32

/** Stored objects as they are served: in a version, with the resourceVersion. */
export class Representations {
  readonly #conversion: Conversion
  readonly #recent = new Map<string, SharedPiece>()

  constructor(conversion: Conversion) {
    this.#conversion = conversion
  }

  object(state: StoredState, version: string): KubeObject {
    const object = this.#conversion.show(state.value, version)
    if (state.revision === undefined) return object
    return { ...object, metadata: { resourceVersion: String(state.revision), ...object.metadata } }
  }

  /** JSON with a newline at the end. */
  bytes(state: StoredState, version: string): Buffer {
    const form = this.form(state, version)
    const bytes = Buffer.allocUnsafe(form.size)
    form.writeTo(bytes, 0)
    return bytes
  }

  /** The same, not yet written; in the storage version nothing is decoded and nothing copied. */
  form(state: StoredState, version: string): ServedForm {
    const isStoredForm = version === this.#conversion.hubVersion && state.revision !== undefined
    if (isStoredForm) return servedForm(state.value, String(state.revision))
    return textForm(`${JSON.stringify(this.object(state, version))}\n`)
  }

  /** Bytes that many streams want within a moment: the last ones are kept, under a key that says all about them. */
  shared(key: string, encode: () => SharedPiece): SharedPiece {
    const known = this.#recent.get(key)
    if (known !== undefined) return known
    const piece = encode()
    this.#recent.set(key, piece)
    const [oldest] = this.#recent.keys()
    if (this.#recent.size > recentCountMax && oldest !== undefined) this.#recent.delete(oldest)
    return piece
  }
}

export interface SharedPiece {
  readonly bytes: Uint8Array
  /** How many it holds, and of what sizes. */
  readonly events: Tally
}

/** A text as what can be written into a larger buffer. */
export function textForm(text: string): ServedForm {
  return {
    size: Buffer.byteLength(text),
    writeTo: (target, at) => void target.write(text, at),
  }
}
