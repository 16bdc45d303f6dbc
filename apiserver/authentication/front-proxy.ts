import { LRUCache } from 'lru-cache'
import type { UserInfo } from '../request-context.ts'
import type { Credentials } from './authenticator.ts'
import type { CertificatePool } from './certificate-pool.ts'
import { extraOf } from './extra-headers.ts'

/** The front proxy (kube-apiserver's aggregator): it has authenticated the client and names it in headers. */
export interface FrontProxy {
  readonly authorities: CertificatePool
  /** Common names; empty: any certificate of the authorities. */
  readonly allowedNames: readonly string[]
  /** Header names in lower case, in order of preference. */
  readonly userHeaders: readonly string[]
  readonly uidHeaders: readonly string[]
  readonly groupHeaders: readonly string[]
  readonly extraPrefixes: readonly string[]
}

const usersMax = 1024
/** Longer ones would let a client fill the memory with groups of its own. */
const textLengthMax = 8192

/**
 * Whom a front proxy names. Reading that out of the headers costs more than the rest of authentication, and a client
 * sends the same with every request: who was read is known by the headers' text.
 */
export class RemoteUsers {
  readonly proxy: FrontProxy
  readonly #names: ReadonlySet<string>
  readonly #known = new LRUCache<string, UserInfo>({ max: usersMax })

  constructor(proxy: FrontProxy) {
    this.proxy = proxy
    this.#names = new Set([...proxy.userHeaders, ...proxy.uidHeaders, ...proxy.groupHeaders])
  }

  /** Undefined where no user is named. */
  userOf(credentials: Credentials): UserInfo | undefined {
    const text = this.#textOf(credentials.rawHeaders)
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const user = readUser(credentials, this.proxy)
    if (user !== undefined && text.length <= textLengthMax) this.#known.set(text, user)
    return user
  }

  /** No header has a line break in it, so that no two sets of them have one text. */
  #textOf(rawHeaders: readonly string[]): string {
    let text = ''
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = (rawHeaders[index] ?? '').toLowerCase()
      if (this.#isOfUser(name)) text += `${name}\n${rawHeaders[index + 1] ?? ''}\n`
    }
    return text
  }

  #isOfUser(name: string): boolean {
    return this.#names.has(name) || this.proxy.extraPrefixes.some((prefix) => name.startsWith(prefix))
  }
}

function readUser(
  credentials: Credentials,
  { userHeaders, uidHeaders, groupHeaders, extraPrefixes }: FrontProxy,
): UserInfo | undefined {
  const name = firstValue(credentials, userHeaders)
  if (name === undefined) return undefined
  const uid = firstValue(credentials, uidHeaders)
  const groups = groupHeaders.flatMap(credentials.header).filter((group) => group !== '')
  const extra = extraOf(credentials, extraPrefixes)
  return uid === undefined ? { name, groups, extra } : { name, uid, groups, extra }
}

function firstValue({ header }: Credentials, names: readonly string[]): string | undefined {
  return names.flatMap(header).find((value) => value !== '')
}
