import type { Terminal } from './terminal.ts'

export async function quickstart(_args: readonly string[], _terminal: Terminal): Promise<number> {
  return 0
}
