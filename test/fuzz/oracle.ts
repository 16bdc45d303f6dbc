import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { decodeYaml } from '../../machinery/yaml.ts'
import type { FuzzRequest } from './requests.ts'
import type { WireAnswer } from './wire.ts'

/** What is said in some request or stored object and must not turn up in an answer about something else. */
export const canaries = { header: 'canary-of-a-header', value: 'canary-of-a-value' } as const

export type Answered = WireAnswer & { readonly type: 'answer' }

/** What is wrong with an answer by itself; empty when nothing is. */
export function problemsOf(request: FuzzRequest, answer: Answered): readonly string[] {
  const { status, body } = answer
  const problems: string[] = []
  if (status >= 500 && !isForeseen(answer)) problems.push(`answered ${status}`)
  if (body.includes(canaries.header)) problems.push('a header of the request is in the answer')
  if (status >= 400) problems.push(...refusalProblems(request, answer))
  return problems
}

/**
 * As from kube-apiserver: for an applied configuration of another shape, for a live object of one that is converted to
 * another version (a set with something twice in it), and for a webhook that is not there.
 */
function isForeseen({ status, body }: Answered): boolean {
  return [501, 503, 504].includes(status) || texts500.some((text) => body.includes(text))
}

const texts500 = ['failed to create typed patch object', 'failed to create typed object', 'failed calling webhook']

function refusalProblems({ method, path }: FuzzRequest, { status, headers, body }: Answered): readonly string[] {
  if (method === 'HEAD') return body === '' ? [] : ['HEAD has a body']
  if (status === 406 && path.startsWith('/openapi/')) return body === '' ? [] : ['an OpenAPI refusal has a body']
  const problems = body.includes(canaries.value) ? ['a stored value is in a refusal'] : []
  const type = String(headers['content-type'])
  if (!['application/json', 'application/yaml'].includes(type)) return [...problems, `a refusal of type ${type}`]
  const object = parsed(body)
  if (object === undefined) return [...problems, 'a refusal that cannot be read']
  const { kind, apiVersion, status: result, code, message } = object
  if (`${kind} ${apiVersion} ${result} ${code}` !== `Status v1 Failure ${status}`)
    problems.push(`a Status that says ${kind} ${apiVersion} ${result} ${code}, with ${status}`)
  if (typeof message !== 'string' || message === '') problems.push('a refusal without a message')
  return problems
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = decodeYaml(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
