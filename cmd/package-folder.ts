import { basename, dirname } from 'node:path'

/** Where package.json and examples/ lie: beside dist/, in whatever depth of it this is. */
export const packageFolder = dirname(dist(import.meta.dirname))

function dist(folder: string): string {
  return basename(folder) === 'dist' || dirname(folder) === folder ? folder : dist(dirname(folder))
}
