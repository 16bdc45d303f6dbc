export interface LaneEntry {
  readonly key: string
  readonly shard: string
  readonly group: string
}

/** First in, first out within a group; shards take turns, and within a shard its groups do. */
export class FairLane {
  readonly #shards = new Map<string, Groups>()

  push({ key, shard, group }: LaneEntry): void {
    let groups = this.#shards.get(shard)
    if (groups === undefined) this.#shards.set(shard, (groups = new Groups()))
    groups.push(group, key)
  }

  /** The next key among the shards that may go. */
  shift(mayGo: (shard: string) => boolean): string | undefined {
    for (const [name, groups] of this.#shards) {
      if (!mayGo(name)) continue
      const key = groups.shift()
      if (groups.isEmpty) this.#shards.delete(name)
      else moveBehind(this.#shards, name, groups)
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
      if (line.next === line.keys.length) this.#queues.delete(name)
      else moveBehind(this.#queues, name, line)
      return key
    }
    return undefined
  }
}

/** The others are next now. */
function moveBehind<T>(turns: Map<string, T>, name: string, whose: T): void {
  if (turns.size === 1) return
  turns.delete(name)
  turns.set(name, whose)
}

/** Taking from the front of an array moves all the others: a line that is done is let go as a whole instead. */
interface Line {
  readonly keys: string[]
  next: number
}
