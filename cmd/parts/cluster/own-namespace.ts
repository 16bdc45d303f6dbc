import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Options, podEnvironment } from '../../options.ts'

/** The namespace that the server lives in: as told, else that of its pod, else the one of the manifests. */
export async function ownNamespace({ serviceNamespace }: Options): Promise<string> {
  if (serviceNamespace !== '') return serviceNamespace
  const told = await readFile(join(podEnvironment().folder, 'namespace'), 'utf8').catch(() => '')
  return told.trim() === '' ? 'external-secrets' : told.trim()
}
