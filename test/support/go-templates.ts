import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { buildGoProgram } from '../../hack/peers/go-program.mjs'

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

/**
 * Go's own text/template with Sprig, built once for each state of its source. Where Go or its module proxy is missing
 * there is a reason instead; with REQUIRE_PEERS=1 that fails.
 */
export function goTemplates(): GoTemplates {
  const program = buildGoProgram('go-template', source)
  if ('reason' in program && process.env['REQUIRE_PEERS'] === '1') throw new Error(program.reason)
  if ('reason' in program) return program
  return {
    answers: (requests) => {
      const output = execFileSync(program.path, { input: JSON.stringify(requests), maxBuffer: 1 << 28 })
      return JSON.parse(output.toString()) as readonly GoAnswer[]
    },
  }
}
