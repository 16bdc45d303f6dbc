import { randomInt, randomUUID } from 'node:crypto'

/** What the registry draws: an argument, so that one seed replays a run. */
export interface Randomness {
  uuid(): string
  /** In [0, 1). */
  number(): number
}

const resolution = 2 ** 32

export const systemRandomness: Randomness = {
  uuid: () => randomUUID(),
  number: () => randomInt(resolution) / resolution,
}
