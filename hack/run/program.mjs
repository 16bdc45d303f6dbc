// How a built program is started: with the flags for Node that its first line names, as a shell would.
import { readFileSync } from 'node:fs'

/** What `node` is given to run the program at `path`. */
export function programAt(path) {
  const [first] = readFileSync(path, 'utf8').split('\n', 1)
  const flags = first.match(/^#!\/usr\/bin\/env -S node (.+)$/)?.[1].split(' ') ?? []
  return [...flags, path]
}
