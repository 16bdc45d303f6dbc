import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Authority,
  type KeyPair,
  type LeafRequest,
  makeAuthority,
  makeLeaf,
} from '../../../apiserver/certificates/authority.ts'
import { systemClock } from '../../../base/clock.ts'

/**
 * Certificates and keys of one cluster as files in `folder`. Serving, client and front-proxy certificates have three
 * different authorities on purpose: whoever mixes them up trusts the wrong callers.
 */
export class ClusterPki {
  readonly folder: string
  /** PEM. */
  readonly servingAuthority: string
  readonly clients: Authority
  #frontProxy: Authority

  private constructor(folder: string, { serving, clients, frontProxy }: Authorities) {
    this.folder = folder
    this.servingAuthority = serving.certificatePem
    this.clients = clients
    this.#frontProxy = frontProxy
  }

  static async make(folder: string): Promise<ClusterPki> {
    mkdirSync(folder, { mode: 0o700 })
    const authority = (name: string): Promise<Authority> => makeAuthority(name, validity())
    const serving = await authority('serving-ca')
    const clients = await authority('client-ca')
    const frontProxy = await authority('front-proxy-ca')
    const pki = new ClusterPki(folder, { serving, clients, frontProxy })
    pki.#write('serving-ca.crt', serving.certificatePem)
    pki.#write('client-ca.crt', clients.certificatePem)
    pki.#write('front-proxy-ca.crt', frontProxy.certificatePem)
    const hosts = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', '127.0.0.1']
    pki.#writePair('apiserver', await leaf(serving, { use: 'server', commonName: 'kube-apiserver', hosts }))
    await pki.renewFrontProxy()
    pki.#writeServiceAccountKeys()
    return pki
  }

  /** The newest one. */
  get frontProxy(): Authority {
    return this.#frontProxy
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** A certificate for a user of the cluster. */
  client(user: string, groups: readonly string[] = []): Promise<KeyPair> {
    return leaf(this.clients, { use: 'client', commonName: user, groups })
  }

  /** A certificate of the front proxy's newest authority; its own unless another name is given. */
  frontProxyClient({
    untilMs = validity().untilMs,
    commonName = 'front-proxy-client',
  }: FrontProxyRequest = {}): Promise<KeyPair> {
    const request = { use: 'client', commonName, groups: [] } as const
    return makeLeaf(this.#frontProxy, { ...request, validity: { ...validity(), untilMs } })
  }

  /** kube-apiserver sees the file and tells it in its ConfigMap; its own certificate still comes from the old one. */
  async replaceFrontProxyAuthority(): Promise<void> {
    const before = this.#frontProxy.certificatePem
    this.#frontProxy = await makeAuthority('front-proxy-ca-2', validity())
    this.#write('front-proxy-ca.crt', `${before}\n${this.#frontProxy.certificatePem}`)
  }

  /** kube-apiserver sees the files and goes on with this certificate. */
  async renewFrontProxy(request: FrontProxyRequest = {}): Promise<void> {
    this.#writePair('front-proxy', await this.frontProxyClient(request))
  }

  #writeServiceAccountKeys(): void {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#write('service-account.key', String(privateKey.export({ type: 'sec1', format: 'pem' })))
    this.#write('service-account.pub', String(publicKey.export({ type: 'spki', format: 'pem' })))
  }

  #writePair(name: string, pair: KeyPair): void {
    this.#write(`${name}.crt`, pair.certificatePem)
    this.#write(`${name}.key`, pair.keyPem)
  }

  #write(name: string, text: string): void {
    writeFileSync(this.path(name), text, { mode: 0o600 })
  }
}

interface Authorities {
  readonly serving: Authority
  readonly clients: Authority
  readonly frontProxy: Authority
}

interface FrontProxyRequest {
  readonly untilMs?: number
  readonly commonName?: string
}

type Unlimited<T> = T extends unknown ? Omit<T, 'validity'> : never

function leaf(authority: Authority, request: Unlimited<LeafRequest>): Promise<KeyPair> {
  return makeLeaf(authority, { ...request, validity: validity() })
}

function validity(): { fromMs: number; untilMs: number } {
  const now = systemClock.now()
  return { fromMs: now - 60_000, untilMs: now + 7 * 24 * 3_600_000 }
}
