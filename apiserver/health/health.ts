/** What a probe learns: each check is `undefined` when all is well, else a word for the log; probes see no reason. */
export interface HealthCheck {
  readonly name: string
  readonly endpoints: readonly HealthEndpoint[]
  readonly check: () => string | undefined
}

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz'

export interface HealthAnswer {
  readonly code: number
  readonly text: string
  /** Names of the checks that failed, with their words. */
  readonly failures: readonly string[]
}

/**
 * `/livez`, `/readyz?verbose&exclude=ping`, `/healthz/ping` (k8s.io/apiserver/pkg/server/healthz). Undefined when the
 * path names no check.
 */
export function answerHealth(
  checks: readonly HealthCheck[],
  path: string,
  query: URLSearchParams,
): HealthAnswer | undefined {
  const [endpoint = '', name] = path.slice(1).split('/', 2)
  const own = checks.filter((check) => check.endpoints.some((each) => each === endpoint))
  if (!isEndpoint(endpoint)) return undefined
  if (name !== undefined && name !== '') return answerOne(own, name)
  return answerAll(own, endpoint, query)
}

function isEndpoint(text: string): text is HealthEndpoint {
  return text === 'healthz' || text === 'livez' || text === 'readyz'
}

function answerOne(checks: readonly HealthCheck[], name: string): HealthAnswer | undefined {
  const check = checks.find((each) => each.name === name)
  if (check === undefined) return undefined
  const problem = check.check()
  if (problem === undefined) return { code: 200, text: 'ok', failures: [] }
  return { code: 500, text: `internal server error: ${problem}\n`, failures: [`${name}: ${problem}`] }
}

function answerAll(checks: readonly HealthCheck[], endpoint: string, query: URLSearchParams): HealthAnswer {
  const excluded = new Set(query.getAll('exclude'))
  const lines: string[] = []
  const failures: string[] = []
  for (const { name, check } of checks) {
    if (excluded.delete(name)) {
      lines.push(`[+]${name} excluded: ok`)
      continue
    }
    const problem = check()
    lines.push(problem === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`)
    if (problem !== undefined) failures.push(`${name}: ${problem}`)
  }
  if (excluded.size > 0) lines.push(unmatched([...excluded]))
  if (failures.length > 0) return { code: 500, text: `${lines.join('\n')}\n${endpoint} check failed\n`, failures }
  const text = query.has('verbose') ? `${lines.join('\n')}\n${endpoint} check passed\n` : 'ok'
  return { code: 200, text, failures }
}

function unmatched(names: readonly string[]): string {
  const list = names.map((name) => JSON.stringify(name)).join(', ')
  return `warn: some health checks cannot be excluded: no matches for ${list}`
}
