import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface GoRequest {
  readonly template: string
  readonly data: Readonly<Record<string, string>>
}

/** The output as base64, or Go's error. */
export interface GoAnswer {
  readonly output?: string
  readonly error?: string
}

export type GoTemplates =
  | { readonly answers: (requests: readonly GoRequest[]) => readonly GoAnswer[] }
  | { readonly reason: string }

const source = join(import.meta.dirname, '../../../test/go-template')
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'external-secrets-apiserver')

/**
 * Go's own text/template with Sprig, built once for each state of its source. Where Go or its module proxy is missing
 * there is a reason instead; with REQUIRE_PEERS=1 that fails.
 */
export function goTemplates(): GoTemplates {
  const program = built()
  if ('reason' in program && process.env['REQUIRE_PEERS'] === '1') throw new Error(program.reason)
  if ('reason' in program) return program
  return {
    answers: (requests) => {
      const output = execFileSync(program.path, { input: JSON.stringify(requests), maxBuffer: 1 << 28 })
      return JSON.parse(output.toString()) as readonly GoAnswer[]
    },
  }
}

function built(): { readonly path: string } | { readonly reason: string } {
  const hash = createHash('sha256')
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(source, name)))
  const path = join(cache, `go-template-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(path)) return { path }
  if (spawnSync('go', ['version']).status !== 0) return { reason: 'go is not here' }
  mkdirSync(cache, { recursive: true })
  const result = spawnSync('go', ['build', '-o', path, '.'], { cwd: source })
  return result.status === 0 ? { path } : { reason: 'go could not build test/go-template: its modules are not here' }
}
