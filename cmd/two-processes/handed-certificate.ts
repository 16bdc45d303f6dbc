import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import { StatusError } from '../../machinery/status.ts'
import { UsageError } from '../errors.ts'
import { FollowedCertificate, type Handed } from '../parts/certificates/followed-certificate.ts'
import { readSecret } from './secret-key-pairs.ts'
import { handedOf } from './tls-secret.ts'

interface HandedCertificateOptions {
  readonly secrets: ResourceClient<Secret>
  readonly at: Required<ObjectName>
  readonly clock: Clock
  readonly log: Logger
  /** Aborts when the process is to end before there is a certificate. */
  readonly interrupted: AbortSignal
}

/**
 * The certificate that another process puts into one Secret and replaces there: the only Secret that is read. Waits for
 * the first one; throws UsageError when it does not come, and the signal's reason when that aborts.
 */
export async function handedCertificate(options: HandedCertificateOptions): Promise<FollowedCertificate> {
  const { at, clock, log, interrupted } = options
  const find = async (): Promise<Handed | undefined> => handedOf(await readSecret(options.secrets, at, interrupted))
  const until = clock.monotonic() + patienceMs
  let lack = ''
  while (clock.monotonic() < until) {
    // What cannot be read yet may be soon: a role comes later than a pod.
    const found = await find().catch((error: unknown) => reasonOf(error))
    interrupted.throwIfAborted()
    if (found !== undefined && typeof found !== 'string') return new FollowedCertificate(find, found)
    const seen = found === undefined ? 'has no certificate' : `cannot be read (${found})`
    if (seen !== lack) log.info('waiting for the certificate', { secret: at.name, lack: seen })
    lack = seen
    await clock.sleep(pauseMs, interrupted)
  }
  const where = `the Secret ${at.namespace}/${at.name}`
  const after = `${patienceMs / 1000} s`
  throw new UsageError(`${where} ${lack} after ${after}: --serve=sync or cert-manager puts one there`)
}

/** Less than a kubelet waits for a pod that starts. */
const patienceMs = 100_000
const pauseMs = 1000

function reasonOf(error: unknown): string {
  return error instanceof StatusError ? error.reason : error instanceof Error ? error.name : 'unknown'
}
