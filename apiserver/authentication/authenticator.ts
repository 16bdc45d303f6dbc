import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { X509Certificate } from 'node:crypto'
import type { UserInfo } from '../request-context.ts'

/** What a request shows of who sent it; http/ reads it off the connection and the headers. */
export interface Credentials {
  /** Every value of a header, in order, as UTF-8; `name` in lower case. */
  readonly header: (name: string) => readonly string[]
  /** Of every header that came, in lower case. */
  readonly headerNames: () => readonly string[]
  /** Names and values in turn, as they came: what tells one set of headers from another without reading them. */
  readonly rawHeaders: readonly string[]
  /** What the client showed in the TLS handshake, whether or not it can be trusted. */
  readonly certificate: ClientCertificate | undefined
}

export interface ClientCertificate {
  /** Its chain ends in one of the authorities that TLS was given, and it is meant for clients. */
  readonly isTrusted: boolean
  /** Itself, then what may stand between it and an authority: as it came, judged by nobody. */
  readonly chain: readonly X509Certificate[]
  readonly commonName: string
  readonly organizations: readonly string[]
  /** Lower-case hex of the SHA-256 of its DER form. */
  readonly fingerprint: string
}

/**
 * Answers who it is, undefined when these credentials are none of its sort, or `refused` when they are and are wrong:
 * then nobody else may take the client for anonymous.
 */
export type Authenticator = (credentials: Credentials) => MaybePromise<Identity>

export type Identity = UserInfo | undefined | 'refused'
