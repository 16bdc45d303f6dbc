import { join } from 'node:path'
import { mastersGroup } from '../apiserver/authorization/authorizer.ts'
import { writePrivately } from '../apiserver/certificates/certificate-files.ts'
import type { KeyPair } from '../apiserver/certificates/authority.ts'
import { SelfMadeCertificates } from '../apiserver/certificates/self-made.ts'
import { assert } from '../base/assert.ts'
import { systemClock } from '../base/clock.ts'
import { UsageError } from './errors.ts'
import type { Options } from './options.ts'
import { kubeconfig } from './parts/kubeconfig.ts'
import { certificateOptions } from './parts/limits.ts'
import { type Running, startServer } from './running.ts'

export interface Standalone extends Running {
  readonly kubeconfigPath: string
  readonly authorityPem: string
  readonly admin: KeyPair
}

/** Starts the server; when this resolves it is ready, and the kubeconfig is written. */
export async function startStandalone(
  options: Options,
  interrupted: AbortSignal = new AbortController().signal,
): Promise<Standalone> {
  if (!options.standalone || options.aggregated) {
    throw new UsageError('either --standalone or --aggregated says where to serve')
  }
  const kubeconfigPath = options.kubeconfigOut === '' ? join(options.dataDir, 'kubeconfig') : options.kubeconfigOut
  let known: Omit<Standalone, keyof Running> | undefined
  const ready = async (url: string): Promise<void> => {
    // They are there: the server serves with them.
    const certificates = await SelfMadeCertificates.open(certificateOptions(options, systemClock))
    const { authorityCertificate: authorityPem } = certificates
    const admin = await certificates.client('admin', [mastersGroup])
    await writePrivately(kubeconfigPath, kubeconfig({ server: url, authorityPem, client: admin }))
    known = { kubeconfigPath, authorityPem, admin }
  }
  const running = await startServer(options, { ready, interrupted })
  assert(known !== undefined, 'a server that runs was ready')
  return { ...running, ...known }
}
