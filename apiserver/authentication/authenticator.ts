import type { UserInfo } from '../request-context.ts'

/** What a request shows of who sent it; http/ reads it off the connection and the headers. */
export interface Credentials {
  /** Every value of a header, in order, as UTF-8; `name` in lower case. */
  readonly header: (name: string) => readonly string[]
  /** Of every header that came, in lower case. */
  readonly headerNames: () => readonly string[]
  /** What the client showed in the TLS handshake, whether or not it can be trusted. */
  readonly certificate: ClientCertificate | undefined
}

export interface ClientCertificate {
  /** Its chain ends in the authority for clients, and it is meant for clients. */
  readonly isTrusted: boolean
  readonly commonName: string
  readonly organizations: readonly string[]
  /** Wall clock, milliseconds. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Lower-case hex of the SHA-256 of its DER form. */
  readonly fingerprint: string
}

/**
 * Answers who it is, undefined when these credentials are none of its sort, or `refused` when they are and are wrong:
 * then nobody else may take the client for anonymous.
 */
export type Authenticator = (credentials: Credentials) => Identity | Promise<Identity>

export type Identity = UserInfo | undefined | 'refused'
