import { X509Certificate } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiClient } from '../api-client.ts'

/** A request, as kube-apiserver wrote it down when it was answered; a watch, when it began. */
export interface AuditEvent {
  readonly verb: string
  readonly requestURI: string
  readonly stage: string
  readonly user: { readonly username: string; readonly extra?: Readonly<Record<string, readonly string[]>> }
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string }
  readonly responseStatus?: { readonly code?: number }
  readonly requestReceivedTimestamp: string
  /** Of Leases. */
  readonly requestObject?: { readonly spec?: { readonly holderIdentity?: string } }
}

/** What one user asks of kube-apiserver. `flags` are for its start; a process is known by its certificate. */
export class AuditLog implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'audit-'))
  readonly #file = join(this.#folder, 'audit.log')
  readonly #events: AuditEvent[] = []
  readonly #fingerprints = new Map<string, string>()
  #readBytes = 0
  readonly flags: readonly string[]

  constructor(user: string) {
    const policy = join(this.#folder, 'policy.yaml')
    writeFileSync(this.#file, '', { mode: 0o600 })
    writeFileSync(policy, JSON.stringify(policyFor(user)))
    this.flags = [`--audit-policy-file=${policy}`, `--audit-log-path=${this.#file}`]
  }

  /** All so far. */
  events(): readonly AuditEvent[] {
    const text = this.#newLines()
    this.#readBytes += Buffer.byteLength(text)
    this.#events.push(...text.split('\n').flatMap(eventOf))
    return this.#events
  }

  /** Those of the process that has this kubeconfig. */
  eventsOf(kubeconfig: string): readonly AuditEvent[] {
    const fingerprint = this.#fingerprints.get(kubeconfig) ?? fingerprintIn(kubeconfig)
    this.#fingerprints.set(kubeconfig, fingerprint)
    const id = `X509SHA256=${fingerprint}`
    return this.events().filter(({ user }) => user.extra?.['authentication.kubernetes.io/credential-id']?.[0] === id)
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Whole lines: the last one may still be being written. */
  #newLines(): string {
    const pieces: Buffer[] = []
    const file = openSync(this.#file, 'r')
    try {
      for (let from = this.#readBytes; ; ) {
        const piece = Buffer.alloc(pieceBytes)
        const count = readSync(file, piece, 0, pieceBytes, from)
        if (count === 0) break
        pieces.push(piece.subarray(0, count))
        from += count
      }
    } finally {
      closeSync(file)
    }
    const text = Buffer.concat(pieces).toString()
    return text.slice(0, text.lastIndexOf('\n') + 1)
  }
}

const pieceBytes = 256 * 1024

function policyFor(user: string): object {
  const users = [user]
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'Request', users, resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
      { level: 'Metadata', users },
      { level: 'None' },
    ],
  }
}

function eventOf(line: string): readonly AuditEvent[] {
  if (line === '') return []
  try {
    const event = JSON.parse(line) as AuditEvent
    // Of watches the beginning counts, of all else the end.
    return (event.verb === 'watch') === (event.stage === 'ResponseStarted') ? [event] : []
  } catch {
    // A kube-apiserver that is killed may leave half a line.
    return []
  }
}

function fingerprintIn(kubeconfig: string): string {
  const pem = ApiClient.fromKubeconfig(kubeconfig).tls.cert ?? ''
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
}
