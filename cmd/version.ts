import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerVersion } from '../apiserver/discovery/version.ts'
import { packageFolder } from './package-folder.ts'

/** The release of Kubernetes whose API is served (apiserver-conformance.md, 13). */
const kubernetesVersion = '1.36.3'

export function productVersion(): string {
  const text = readFileSync(join(packageFolder, 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

export function serverVersion(): ServerVersion {
  return {
    kubernetes: kubernetesVersion,
    product: `external-secrets-apiserver.${productVersion()}`,
    gitCommit: '',
    buildDate: '1970-01-01T00:00:00Z',
  }
}
