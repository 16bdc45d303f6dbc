import type { KeyPair } from '../../apiserver/certificates/authority.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import { UsageError } from '../errors.ts'
import { readSecret } from './secret-key-pairs.ts'
import { type Handed, handedOf } from './tls-secret.ts'

interface HandedCertificateOptions {
  readonly secrets: ResourceClient<Secret>
  readonly at: Required<ObjectName>
  readonly clock: Clock
  readonly log: Logger
}

/** The certificate that another process puts into one Secret and replaces there: the only Secret that is read. */
export class HandedCertificate {
  readonly #options: HandedCertificateOptions
  #current: Handed

  private constructor(options: HandedCertificateOptions, current: Handed) {
    this.#options = options
    this.#current = current
  }

  /** Waits for the first one; throws UsageError when it does not come. */
  static async open(options: HandedCertificateOptions): Promise<HandedCertificate> {
    const { at, clock, log } = options
    const until = clock.monotonic() + patienceMs
    for (let tries = 0; clock.monotonic() < until; tries += 1) {
      // What cannot be read yet may be soon: a role comes later than a pod.
      const found = await find(options).catch(() => undefined)
      if (found !== undefined) return new HandedCertificate(options, found)
      if (tries === 0) log.info('waiting for the certificate', { secret: at.name })
      await clock.sleep(pauseMs)
    }
    const where = `the Secret ${at.namespace}/${at.name}`
    throw new UsageError(`${where} has no certificate, or may not be read: --serve=sync or cert-manager puts one there`)
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

async function find({ secrets, at }: HandedCertificateOptions): Promise<Handed | undefined> {
  return handedOf(await readSecret(secrets, at))
}
