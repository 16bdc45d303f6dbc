import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { makeLeaf } from '../../../../apiserver/certificates/authority.ts'
import { writeKeyPair } from '../../../../apiserver/certificates/certificate-files.ts'
import { systemClock } from '../../../../base/clock.ts'
import type { ApiClient } from '../../../support/api-client.ts'
import { RawConnection } from '../../../support/raw-connection.ts'
import { until } from '../../../support/until.ts'
import { widgetsThere } from '../../other-server.ts'
import type { Statement } from '../../statement.ts'

export const tls: readonly Statement[] = [
  {
    number: 199,
    sentence: 'A serving certificate that is replaced on disk serves new connections, and open ones go on.',
    needs: 'another',
    play: async ({ control }) => {
      await using server = await control('another')(['--certificate-check-interval', '100ms'])
      const { api, dataDir } = server
      const first = await servedCertificate(api)
      using open = await RawConnection.open(api)
      const replacement = await replaceServing(join(dataDir, 'pki'), [
        'localhost',
        '127.0.0.1',
        '::1',
        ...dnsNamesOf(first).filter((name) => name !== 'localhost'),
        'replaced.example',
      ])
      await until(async () => (await servedCertificate(api)).fingerprint256 !== first.fingerprint256)
      const served = await servedCertificate(api)
      assert.equal(served.fingerprint256, replacement.fingerprint256)
      assert.match(served.subjectAltName ?? '', /DNS:replaced\.example/)
      open.send(`GET ${widgetsThere} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      assert.match(await open.until((text) => text.includes('WidgetList')), /^HTTP\/1\.1 200 /)
      using fresh = await RawConnection.open(api)
      fresh.send(`GET ${widgetsThere} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      assert.match(await fresh.until((text) => text.includes('WidgetList')), /^HTTP\/1\.1 200 /)
    },
  },
  {
    number: 200,
    sentence: 'TLS below 1.2 is refused, and the certificate bears the name of the Service in front.',
    play: async ({ api, target }) => {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const socket = await handshake(api, { minVersion: version, maxVersion: version })
        assert.equal(socket.getProtocol(), version)
        socket.destroy()
      }
      for (const version of ['TLSv1', 'TLSv1.1'] as const) {
        // Else the client would refuse before it asked.
        const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }
        await assert.rejects(handshake(api, old), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
      }
      const another = target.control?.another
      if (another === undefined) {
        assert.match((await servedCertificate(api)).subjectAltName ?? '', /DNS:kubernetes\.default\.svc(,|$)/)
        return
      }
      await using server = await another(['--tls-san', 'eso.external-secrets.svc'])
      assert.match((await servedCertificate(server.api)).subjectAltName ?? '', /DNS:eso\.external-secrets\.svc(,|$)/)
    },
  },
]

async function handshake(api: ApiClient, options: ConnectionOptions): Promise<TLSSocket> {
  const { hostname, port } = new URL(api.server)
  const socket = connect({ ...api.tls, host: hostname, port: Number(port), servername: 'localhost', ...options })
  await once(socket, 'secureConnect')
  return socket
}

async function servedCertificate(api: ApiClient): Promise<X509Certificate> {
  const socket = await handshake(api, {})
  const certificate = socket.getPeerX509Certificate()
  socket.destroy()
  assert.ok(certificate !== undefined)
  return certificate
}

function dnsNamesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return [...subjectAltName.matchAll(/DNS:([^,]+)/g)].flatMap(([, name]) => name ?? [])
}

/** Puts a certificate of the same authority where the server reads its own. */
async function replaceServing(directory: string, hosts: readonly string[]): Promise<X509Certificate> {
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8')
  const now = systemClock.now()
  const validity = { fromMs: now - 60_000, untilMs: now + 90 * 86_400_000 }
  const authority = { certificatePem: read('ca.crt'), keyPem: read('ca.key') }
  const pair = await makeLeaf(authority, { use: 'server', commonName: 'replaced', hosts, validity })
  await writeKeyPair({ certificate: join(directory, 'serving.crt'), key: join(directory, 'serving.key') }, pair)
  return new X509Certificate(pair.certificatePem)
}
