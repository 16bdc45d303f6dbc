import { makeAuthority, makeLeaf, type KeyPair } from '../../apiserver/certificates/authority.ts'
import { systemClock } from '../../base/clock.ts'

/** A CA with a server certificate for 127.0.0.1 and a client certificate, made for one test run. All PEM. */
export interface Pki {
  readonly ca: string
  readonly server: TlsPair
  readonly client: TlsPair
}

export interface TlsPair {
  readonly cert: string
  readonly key: string
}

export async function makePki(): Promise<Pki> {
  const now = systemClock.now()
  const validity = { fromMs: now - 60_000, untilMs: now + 3_600_000 }
  const authority = await makeAuthority('test-ca', validity)
  const server = await makeLeaf(authority, { use: 'server', commonName: '127.0.0.1', hosts: ['127.0.0.1'], validity })
  const client = await makeLeaf(authority, { use: 'client', commonName: 'client', groups: [], validity })
  return { ca: authority.certificatePem, server: pairOf(server), client: pairOf(client) }
}

function pairOf({ certificatePem, keyPem }: KeyPair): TlsPair {
  return { cert: certificatePem, key: keyPem }
}
