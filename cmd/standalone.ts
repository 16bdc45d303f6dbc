import { join } from 'node:path'
import { mastersGroup } from '../apiserver/authorization/authorizer.ts'
import { writePrivately } from '../apiserver/certificates/certificate-files.ts'
import type { KeyPair } from '../apiserver/certificates/authority.ts'
import type { SelfMadeCertificates } from '../apiserver/certificates/self-made.ts'
import { UsageError } from './errors.ts'
import type { Options } from './options.ts'
import { kubeconfig } from './parts/kubeconfig.ts'
import { type Running, startServer } from './running.ts'

export interface Standalone extends Running {
  readonly kubeconfigPath: string
  readonly authorityPem: string
  readonly admin: KeyPair
}

/** Starts the server; when this resolves it is ready, and the kubeconfig is written. */
export async function startStandalone(options: Options): Promise<Standalone> {
  if (!options.standalone || options.aggregated) {
    throw new UsageError('either --standalone or --aggregated says where to serve')
  }
  const kubeconfigPath = options.kubeconfigOut === '' ? join(options.dataDir, 'kubeconfig') : options.kubeconfigOut
  const running = await startServer(options, async (url, certificates) => {
    const { authorityCertificate: authorityPem } = certificates
    await writePrivately(kubeconfigPath, kubeconfig({ server: url, authorityPem, client: await adminOf(certificates) }))
  })
  const { certificates } = running
  const admin = await adminOf(certificates)
  return { ...running, kubeconfigPath, authorityPem: certificates.authorityCertificate, admin }
}

function adminOf(certificates: SelfMadeCertificates): Promise<KeyPair> {
  return certificates.client('admin', [mastersGroup])
}
