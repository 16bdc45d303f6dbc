export interface LaneEntry {
  readonly key: string
  readonly shard: string
  readonly group: string
}

/** First in, first out within a group; shards take turns, and within a shard its groups do. */
export class FairLane {
  readonly #shards = new Map<string, Groups>()

  push({ key, shard, group }: LaneEntry): void {
    const groups = this.#shards.get(shard) ?? new Groups()
    this.#shards.set(shard, groups)
    groups.push(group, key)
  }

  /** The next key among the shards that may go. */
  shift(mayGo: (shard: string) => boolean): string | undefined {
    for (const [name, groups] of this.#shards) {
      if (!mayGo(name)) continue
      const key = groups.shift()
      this.#shards.delete(name)
      if (!groups.isEmpty) this.#shards.set(name, groups)
      return key
    }
    return undefined
  }
}

class Groups {
  readonly #queues = new Map<string, string[]>()

  get isEmpty(): boolean {
    return this.#queues.size === 0
  }

  push(group: string, key: string): void {
    const queue = this.#queues.get(group)
    if (queue === undefined) this.#queues.set(group, [key])
    else queue.push(key)
  }

  shift(): string | undefined {
    for (const [name, queue] of this.#queues) {
      const key = queue.shift()
      this.#queues.delete(name)
      if (queue.length > 0) this.#queues.set(name, queue)
      return key
    }
    return undefined
  }
}
