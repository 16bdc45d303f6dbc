const framesMax = 6

/** Where an error was thrown, without its message: that may quote what was being handled. */
export function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '))
  return frames.slice(0, framesMax).join('\n')
}
