/** Members by group. Most groups have one member: it stands alone, as ten thousand sets of one take two megabytes. */
export class Groups {
  readonly #members = new Map<string, string | Set<string>>()

  add(group: string, member: string): void {
    const known = this.#members.get(group)
    if (known === undefined) this.#members.set(group, member)
    else if (known instanceof Set) known.add(member)
    else if (known !== member) this.#members.set(group, new Set([known, member]))
  }

  remove(group: string, member: string): void {
    const known = this.#members.get(group)
    if (known instanceof Set) known.delete(member)
    if (known === member || (known instanceof Set && known.size === 0)) this.#members.delete(group)
  }

  has(group: string): boolean {
    return this.#members.has(group)
  }

  members(group: string): readonly string[] {
    const known = this.#members.get(group) ?? []
    return typeof known === 'string' ? [known] : [...known]
  }
}
