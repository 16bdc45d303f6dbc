/** An error text of the vectors or of ours, cut to what is normative: Go prints values and parser states after it. */
export function errorText(text: string): string {
  const lines = text
    .replace(/(error decoding versioned set from).*/s, '$1')
    .split('\n')
    .map((line) => line.replace(/, got .*/, ', got'))
  const at = lines.findIndex((line) => line.endsWith('errors:'))
  return [...lines.slice(0, at + 1), ...lines.slice(at + 1).toSorted()].join('\n')
}

/** The text of what `run` throws; undefined when it throws nothing. */
export function thrownBy(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
