/**
 * Since when each entry of an ExternalSecret has been missing at its provider, in memory: what is missing counts only
 * when it was seen twice, so far apart. A provider that forgets for a moment takes nothing away, and neither does a
 * restart, which begins anew.
 */
export class Sightings {
  readonly #confirmationMs: number
  readonly #byUid = new Map<string, ReadonlyMap<string, number>>()

  constructor(confirmationMs: number) {
    this.#confirmationMs = confirmationMs
  }

  /** Notes that these, and no others, are missing now; answers those that were not when it was last looked. */
  see(uid: string, entries: readonly string[], nowMs: number): readonly string[] {
    const known = this.#byUid.get(uid)
    this.#byUid.set(uid, new Map(entries.map((entry) => [entry, known?.get(entry) ?? nowMs])))
    return entries.filter((entry) => known?.has(entry) !== true)
  }

  /** From when on another sighting confirms them all; undefined when nothing is missing. */
  confirmableAt(uid: string): number | undefined {
    const known = this.#byUid.get(uid)
    return known === undefined ? undefined : Math.max(...known.values()) + this.#confirmationMs
  }

  forget(uid: string): void {
    this.#byUid.delete(uid)
  }
}
