import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as x509 from '@peculiar/x509'
import { ApiClient } from '../../test/support/api-client.ts'

/** Runs the bare route with these bytes as its answer while `use` runs. */
export async function withBareRoute(
  body: Uint8Array,
  use: (bare: { pid: number; client: ApiClient }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bare-route-'))
  const file = (name: string): string => join(folder, name)
  const { certificate, key } = await selfSigned()
  writeFileSync(file('cert.pem'), certificate)
  writeFileSync(file('key.pem'), key)
  writeFileSync(file('body.json'), body)
  const program = join(import.meta.dirname, 'bare-route.js')
  const child = spawn(process.execPath, [program, file('cert.pem'), file('key.pem'), file('body.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    await using client = new ApiClient(`https://127.0.0.1:${port}`, { ca: certificate })
    await use({ pid: child.pid ?? 0, client })
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function selfSigned(): Promise<{ certificate: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  }
}
