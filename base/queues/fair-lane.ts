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
  readonly #queues = new Map<string, Line>()

  get isEmpty(): boolean {
    return this.#queues.size === 0
  }

  push(group: string, key: string): void {
    const line = this.#queues.get(group)
    if (line === undefined) this.#queues.set(group, { keys: [key], next: 0 })
    else line.keys.push(key)
  }

  shift(): string | undefined {
    for (const [name, line] of this.#queues) {
      const key = line.keys[line.next]
      line.next += 1
      this.#queues.delete(name)
      if (line.next < line.keys.length) this.#queues.set(name, line)
      return key
    }
    return undefined
  }
}

/** Taking from the front of an array moves all the others: a line that is done is let go as a whole instead. */
interface Line {
  readonly keys: string[]
  next: number
}
