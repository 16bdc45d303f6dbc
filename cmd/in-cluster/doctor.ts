import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock as clock } from '../../base/clock.ts'
import { silentLogger as log } from '../../base/log.ts'
import { type ApiService, apiServicesOf, type ServiceReference } from '../../cluster/registration/api-service.ts'
import { diagnose } from '../../cluster/registration/diagnosis.ts'
import { selfSubjectAccessReview } from '../../cluster/reviews/self-subject-access-review.ts'
import { diagnoseStore } from '../../cluster/store-identity/store-diagnosis.ts'
import { kinds } from '../../kinds/catalog.gen.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { type Options, parseOptions } from '../options.ts'
import { type Cluster, openCluster } from '../parts/cluster/cluster.ts'
import { readApiService, registrationOf, serviceOf } from '../parts/cluster/registration.ts'
import { storePage } from '../parts/cluster/store-page.ts'
import type { Terminal } from '../terminal.ts'
import { twoProcesses } from '../two-processes/names.ts'
import { readSecret } from '../two-processes/secret-key-pairs.ts'
import { handedOf } from '../two-processes/tls-secret.ts'
import { neededRights } from './needed-rights.ts'

/** Says in plain words why the cluster does not serve what it should. Exit code 1 when something is wrong. */
export async function doctor(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseOptions(args)
  await using cluster = await openCluster({ options, clock, log })
  const findings = [
    ...(await storeFindings(options, cluster)),
    ...(await registrationFindings(options, cluster)),
    ...(await rightFindings(options, cluster)),
  ]
  for (const { subject, problem, remedy } of findings) terminal.print(`${subject}: ${problem}\n  ${remedy}\n`)
  if (findings.length === 0) terminal.print('all is well: every version is available, and no right is missing\n')
  return findings.length === 0 ? 0 : 1
}

interface Finding {
  readonly subject: string
  readonly problem: string
  readonly remedy: string
}

async function storeFindings(options: Options, cluster: Cluster): Promise<readonly Finding[]> {
  try {
    const diagnosis = diagnoseStore(await storePage(options, cluster).read(), options.storeIdentityNamespace)
    return diagnosis === undefined ? [] : [{ subject: 'store', ...diagnosis }]
  } catch (error) {
    // The missing right is a finding of its own.
    if (isStatusReason(error, 'Forbidden')) return []
    throw error
  }
}

async function registrationFindings(options: Options, cluster: Cluster): Promise<readonly Finding[]> {
  // It registers nothing, and may not look.
  if (options.serve === 'sync') return []
  const client = cluster.prompt<ApiService>('apiregistration.k8s.io', 'apiservices')
  const service = await serviceOf(options)
  const authorityPem = await authorityOf(options, cluster)
  const findings: Finding[] = []
  for (const name of apiServiceNames(service)) {
    const found = await readApiService(client, name)
    const diagnosis = diagnose({ found, service, ...(authorityPem !== undefined && { authorityPem }) })
    if (diagnosis !== undefined) findings.push({ subject: `APIService ${name}`, ...diagnosis })
  }
  return findings
}

/** Undefined where it cannot be read: then it is not compared. */
async function authorityOf(options: Options, cluster: Cluster): Promise<string | undefined> {
  try {
    if (options.serve === 'all' && options.certificates === 'self-made')
      return await readFile(join(options.dataDir, 'pki/ca.crt'), 'utf8')
    if (options.certificates === 'files') return await readFile(options.tlsCaFile, 'utf8')
    const { certificate } = await twoProcesses(options)
    return handedOf(await readSecret(cluster.prompt<Secret>('', 'secrets'), certificate))?.authorityPem
  } catch {
    return undefined
  }
}

function apiServiceNames(service: ServiceReference): readonly string[] {
  return apiServicesOf(registrationOf(kinds, service, '')).map(({ metadata: { name = '' } }) => name)
}

/** Of whoever asks: in the server's pod, or with its kubeconfig, they are the server's. */
async function rightFindings(options: Options, cluster: Cluster): Promise<readonly Finding[]> {
  const mayWe = selfSubjectAccessReview(cluster.reviewer)
  const findings: Finding[] = []
  const names = apiServiceNames(await serviceOf(options))
  for (const right of await neededRights(options, names)) {
    if (await mayWe(right)) continue
    const { verb, resource, subresource, group, namespace, name } = right
    const what = subresource === undefined ? resource : `${resource}/${subresource}`
    const where = (name === undefined ? '' : ` ${name}`) + (namespace === undefined ? '' : ` in namespace ${namespace}`)
    findings.push({
      subject: `right to ${verb} ${what}${group ? `.${group}` : ''}${where}`,
      problem: 'missing',
      remedy: 'bind the roles of the manifests to the server',
    })
  }
  return findings
}
