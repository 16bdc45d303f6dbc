import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** The folders below `base`, relative to it and sorted, that hold a file of this name. */
export function foldersWith(base: string, file: string): readonly string[] {
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => basename(path) === file)
    .map((path) => dirname(path))
    .sort()
}
