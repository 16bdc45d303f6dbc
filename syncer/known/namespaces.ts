import type { Namespace } from '../../kinds/core/namespace/v1.ts'
import type { ObjectMeta } from '../../machinery/object.ts'

/** The namespaces there are; only their metadata and whether they are going is kept. */
export class Namespaces {
  readonly #known = new Map<string, { readonly metadata: ObjectMeta; readonly isGoing: boolean }>()

  set({ metadata, status }: Namespace): void {
    const { name = '', labels = {}, deletionTimestamp } = metadata
    const isGoing = deletionTimestamp !== undefined || status?.phase === 'Terminating'
    this.#known.set(name, { metadata: { name, labels }, isGoing })
  }

  remove(name: string): void {
    this.#known.delete(name)
  }

  /** Of one that has not come in yet the labels are not known: they are absent, not empty. */
  get(name: string): Pick<Namespace, 'metadata'> {
    return this.#known.get(name) ?? { metadata: { name } }
  }

  /** What is taken away there must not be made again. */
  isGoing(name: string): boolean {
    return this.#known.get(name)?.isGoing ?? false
  }
}
