import { Gate } from '../../base/waiting/gate.ts'
import { Groups } from '../../base/groups.ts'
import type { GeneratorState } from '../../kinds/generators/generator-state/v1alpha1.ts'
import { compareResourceVersions } from '../../machinery/resource-version.ts'

/** The GeneratorStates there are, as a watch and our own writes tell. */
export class KnownStates {
  readonly #states = new Map<string, GeneratorState>()
  readonly #ofOwner = new Groups()
  readonly #whole = new Gate()

  /** Opens when all that there were at the start are known. */
  get whole(): Gate {
    return this.#whole
  }

  get(key: string): GeneratorState | undefined {
    return this.#states.get(key)
  }

  /** Those of an object, by its uid. */
  of(owner: string): readonly GeneratorState[] {
    return this.#ofOwner.members(owner).flatMap((key) => this.#states.get(key) ?? [])
  }

  set(state: GeneratorState): string {
    const key = keyOf(state)
    this.remove(key)
    this.#states.set(key, state)
    for (const { uid } of state.metadata.ownerReferences ?? []) this.#ofOwner.add(uid, key)
    return key
  }

  /** What a write answered; the watch may have told more by now. */
  written(state: GeneratorState): void {
    const key = keyOf(state)
    const known = this.#states.get(key)
    if (known === undefined || compareResourceVersions(versionOf(known), versionOf(state)) < 0) this.set(state)
  }

  remove(key: string): void {
    for (const { uid } of this.#states.get(key)?.metadata.ownerReferences ?? []) this.#ofOwner.remove(uid, key)
    this.#states.delete(key)
  }
}

function keyOf({ metadata: { namespace = '', name = '' } }: GeneratorState): string {
  return `${namespace}/${name}`
}

function versionOf({ metadata }: GeneratorState): string {
  return metadata.resourceVersion ?? ''
}
