import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ApiClient } from '../../test/support/api-client.ts'

export interface BareRoute {
  readonly body: Uint8Array
  /** Where the server that it is compared with keeps its certificate: both show the same one. */
  readonly pki: string
}

/** Runs the bare route with these bytes as its answer while `use` runs. */
export async function withBareRoute(
  { body, pki }: BareRoute,
  use: (bare: { pid: number; client: ApiClient }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bare-route-'))
  const file = (name: string): string => join(folder, name)
  writeFileSync(file('body.json'), body)
  const program = join(import.meta.dirname, 'bare-route.js')
  const child = spawn(
    process.execPath,
    [program, join(pki, 'serving.crt'), join(pki, 'serving.key'), file('body.json')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    await using client = new ApiClient(`https://127.0.0.1:${port}`, { ca: readFileSync(join(pki, 'ca.crt'), 'utf8') })
    await use({ pid: child.pid ?? 0, client })
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}
