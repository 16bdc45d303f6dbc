import type { KeyPair } from '../../apiserver/certificates/authority.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import { StatusError } from '../../machinery/status.ts'
import { UsageError } from '../errors.ts'
import { readSecret } from './secret-key-pairs.ts'
import { type Handed, handedOf } from './tls-secret.ts'

interface HandedCertificateOptions {
  readonly secrets: ResourceClient<Secret>
  readonly at: Required<ObjectName>
  readonly clock: Clock
  readonly log: Logger
  /** Aborts when the process is to end before there is a certificate. */
  readonly interrupted: AbortSignal
}

/** The certificate that another process puts into one Secret and replaces there: the only Secret that is read. */
export class HandedCertificate {
  readonly #options: HandedCertificateOptions
  #current: Handed

  private constructor(options: HandedCertificateOptions, current: Handed) {
    this.#options = options
    this.#current = current
  }

  /** Waits for the first one; throws UsageError when it does not come, and the signal's reason when that aborts. */
  static async open(options: HandedCertificateOptions): Promise<HandedCertificate> {
    const { at, clock, log, interrupted } = options
    const until = clock.monotonic() + patienceMs
    let lack = ''
    while (clock.monotonic() < until) {
      // What cannot be read yet may be soon: a role comes later than a pod.
      const found = await find(options).catch((error: unknown) => reasonOf(error))
      interrupted.throwIfAborted()
      if (found !== undefined && typeof found !== 'string') return new HandedCertificate(options, found)
      const seen = found === undefined ? 'has no certificate' : `cannot be read (${found})`
      if (seen !== lack) log.info('waiting for the certificate', { secret: at.name, lack: seen })
      lack = seen
      await clock.sleep(pauseMs, interrupted)
    }
    const where = `the Secret ${at.namespace}/${at.name}`
    const after = `${patienceMs / 1000} s`
    throw new UsageError(`${where} ${lack} after ${after}: --serve=sync or cert-manager puts one there`)
  }

  /** PEM. */
  get authorityCertificate(): string {
    return this.#current.authorityPem
  }

  get current(): Handed {
    return this.#current
  }

  /** As it is there now; what cannot be used leaves the last one in use. */
  async serving(): Promise<KeyPair> {
    this.#current = (await find(this.#options)) ?? this.#current
    return this.#current.pair
  }
}

/** Less than a kubelet waits for a pod that starts. */
const patienceMs = 100_000
const pauseMs = 1000

async function find({ secrets, at, interrupted }: HandedCertificateOptions): Promise<Handed | undefined> {
  return handedOf(await readSecret(secrets, at, interrupted))
}

function reasonOf(error: unknown): string {
  return error instanceof StatusError ? error.reason : error instanceof Error ? error.name : 'unknown'
}
