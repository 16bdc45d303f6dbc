import { readFile } from 'node:fs/promises'
import type { SyncerConfig } from '../../syncer/syncer.ts'
import { awsVariables, type Options } from '../options.ts'

/** Who the process is by itself, and who may use that. The environment is read once, files whenever they are asked. */
export function ambientCredentials(options: Options, variables = awsVariables()): SyncerConfig['ambient'] {
  const { ambientCredentials: allowedTo, ambientTokenFile: tokenFile } = options
  return {
    allowedTo,
    variable: (name) => variables[name],
    readFile: (path) => readFile(path, 'utf8'),
    ...(tokenFile !== '' && { tokenFile }),
  }
}
