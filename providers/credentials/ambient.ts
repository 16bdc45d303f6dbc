import { createHash } from 'node:crypto'
import { ProviderError } from '../errors.ts'

/**
 * Who this process is without being told: what its environment says, and the files that are named there. It is one
 * identity for everybody, so whoever may use it acts with the rights of the whole installation.
 */
export interface AmbientCredentials {
  /** `cluster-stores`: ClusterSecretStores, which administrators make. `all`: SecretStores and generators as well. */
  readonly allowedTo: 'none' | 'cluster-stores' | 'all'
  /** `undefined`: not set. */
  variable(name: string): string | undefined
  /** Rejects when the file cannot be read. */
  readFile(path: string): Promise<string>
  /** Where a token of the process's own ServiceAccount lies that may be shown to others; absent where none may. */
  readonly tokenFile?: string
}

/** Throws ProviderError `denied`, in words that name the flag, when nobody allowed it. */
export function openAmbient(
  credentials: AmbientCredentials | undefined,
  kind: 'SecretStore' | 'ClusterSecretStore',
): Ambient {
  if (credentials?.allowedTo === 'all') return new Ambient(credentials)
  if (credentials?.allowedTo === 'cluster-stores' && kind === 'ClusterSecretStore') return new Ambient(credentials)
  const wanted = kind === 'ClusterSecretStore' ? 'cluster-stores' : 'all'
  const text = `the process's own identity is not for this ${kind}: --ambient-credentials=${wanted} would allow it`
  throw new ProviderError('denied', `${text}; or name credentials in the spec`)
}

/** One identity's view of it. What a file said is part of the fingerprint; variables stay as they are. */
export class Ambient {
  readonly #credentials: AmbientCredentials
  readonly #digests = new Map<string, string>()

  constructor(credentials: AmbientCredentials) {
    this.#credentials = credentials
  }

  /** `undefined`: not set, or empty. */
  variable(name: string): string | undefined {
    return this.#credentials.variable(name) || undefined
  }

  /**
   * What the file now says that a variable names, without white space around it. `purpose` says who names it. Rejects
   * with ProviderError `auth-failed`.
   */
  async file(path: string, purpose: string): Promise<string> {
    const text = await this.#read(path)
    if (text === undefined) throw new ProviderError('auth-failed', `${purpose}: the file it names cannot be read`)
    return text.trim()
  }

  /** Of the process's own ServiceAccount. Rejects with ProviderError `auth-failed`. */
  async serviceAccountToken(): Promise<string> {
    const path = this.#credentials.tokenFile
    if (path !== undefined) return this.file(path, '--ambient-token-file')
    const text = "no token of the process's own ServiceAccount may be shown: --ambient-token-file names none"
    throw new ProviderError('auth-failed', text)
  }

  fingerprint(): readonly string[] {
    return [...this.#digests].map(([path, digest]) => `file ${path}=${digest}`)
  }

  /** The same, with the files read again. */
  async current(): Promise<readonly string[]> {
    const again = new Ambient(this.#credentials)
    await Promise.all([...this.#digests.keys()].map((path) => again.#read(path)))
    return again.fingerprint()
  }

  async #read(path: string): Promise<string | undefined> {
    const text = await this.#credentials.readFile(path).catch(() => undefined)
    this.#digests.set(path, text === undefined ? 'absent' : createHash('sha256').update(text).digest('base64'))
    return text
  }
}
