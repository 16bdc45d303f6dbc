import { CelCompileError } from '../errors.ts'

export function compileError(source: string, at: number, text: string): CelCompileError {
  const before = source.slice(0, at).split('\n')
  return new CelCompileError(`${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${text}`)
}
