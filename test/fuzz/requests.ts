import { oddTexts } from './bend.ts'
import { bodyOf, type FuzzBody } from './bodies.ts'
import { Dice } from './dice.ts'
import { plainRequest } from './plain.ts'
import { loudSubjects, names, quietSubjects, type Subject } from './subjects.ts'

export interface FuzzRequest {
  readonly index: number
  readonly transport: 'http1' | 'http2' | 'chunked' | 'truncated'
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: FuzzBody | undefined
  readonly subject: Subject
  /** Whether only the client writes this kind, so that a refusal leaves the revision as it was. */
  readonly isQuiet: boolean
}

/** The request of this number in the run of this seed: of nothing else does it depend, so that it can be sent alone. */
export function fuzzRequest(seed: number, index: number, isQuiet: boolean): FuzzRequest {
  const dice = new Dice(Math.imul(seed, 2_654_435_761) ^ Math.imul(index + 1, 40_503))
  const subject = dice.pick(isQuiet ? quietSubjects : loudSubjects)
  if (dice.chance(0.4)) {
    const plain = plainRequest(subject, dice)
    return { index, transport: dice.pick(['http1', 'http2']), headers: {}, subject, isQuiet, ...plain }
  }
  const method = methodOf(dice)
  const path = pathOf(method, subject, dice)
  const hasBody = bodyMethods.has(method) ? dice.chance(method === 'DELETE' ? 0.4 : 0.97) : dice.chance(0.02)
  const body = hasBody ? bodyOf(method, subject, dice) : undefined
  return {
    index,
    transport: transportOf(hasBody, dice),
    method,
    path,
    headers: headersOf(dice),
    body,
    subject,
    isQuiet,
  }
}

const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

function methodOf(dice: Dice): string {
  if (dice.chance(0.04)) return dice.pick(['HEAD', 'OPTIONS', 'PROPFIND', 'TRACE', 'QUERY', 'LINK', 'get', 'SEARCH'])
  return dice.pick(['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'DELETE'])
}

function transportOf(hasBody: boolean, dice: Dice): FuzzRequest['transport'] {
  if (dice.chance(0.35)) return 'http2'
  if (!hasBody) return 'http1'
  return dice.chance(0.02) ? 'truncated' : dice.pick(['http1', 'http1', 'chunked'])
}

function pathOf(method: string, subject: Subject, dice: Dice): string {
  const query = queryOf(subject, dice)
  if (dice.chance(0.06)) return `${documentPath(dice)}${query}`
  // Deleting whole collections all the time would leave nothing to patch; a namespace takes everything with it.
  const isCollection = method === 'POST' || (method === 'GET' && dice.chance(0.5)) || dice.chance(0.03)
  const name = dice.chance(0.95) ? dice.pick(names) : encodeURIComponent(wellFormed(dice.pick(oddTexts)))
  const sub = dice.chance(0.12) ? dice.pick(['/status', '/status', '/scale', '/x', '/status/x', '/']) : ''
  const path = isCollection ? subject.collection : `${subject.collection}/${name}${sub}`
  return `${dice.chance(0.05) ? bentPath(path, dice) : path}${query}`
}

function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/g, '\ufffd')
}

function documentPath(dice: Dice): string {
  const known = ['/', '/api', '/apis', '/version', '/openapi/v2', '/openapi/v3', '/metrics', '/healthz', '/readyz/ping']
  const group = [
    '/apis/example.com',
    '/apis/example.com/v1',
    '/api/v1',
    '/openapi/v3/apis/example.com/v1',
    '/livez?verbose',
  ]
  return dice.pick([...known, ...group, '/api/', '/apis/x/v1', '/apis/example.com/v9/widgets', '/watch', '/x'])
}

function bentPath(path: string, dice: Dice): string {
  const at = dice.below(path.length) + 1
  const odd = [
    '//',
    '/./',
    '/../',
    '%2F',
    '%2e%2e',
    '%00',
    '%',
    '%zz',
    '%ff',
    ';x=1',
    '/watch/',
    '/namespaces/',
    '\\',
    '%20',
  ]
  return path.slice(0, at) + dice.pick(odd) + path.slice(at)
}

const selectors = ['l0=a', 'l0!=a', 'l0 in (a,b)', '!l0', 'l0', 'a in (', '=', 'l0=a,l0=b', '('.repeat(500), 'é=é', ',']
const fields = [
  'metadata.name=one',
  'metadata.namespace=fuzz',
  'spec.x=1',
  '__proto__=x',
  'metadata.name=one,',
  '\\',
  'type!=Opaque',
]

const parameters: readonly (readonly [string, readonly string[]])[] = [
  ['labelSelector', selectors],
  ['fieldSelector', fields],
  ['limit', ['1', '2', '0', '-1', 'x', '99999999999999999999', '1.5', '']],
  ['continue', ['@continue', 'x', '%00', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ', '=', 'A'.repeat(5000)]],
  ['resourceVersion', ['@version', '0', '1', '-1', 'x', '', '9007199254740993', '99999999999999999999']],
  ['resourceVersionMatch', ['Exact', 'NotOlderThan', 'x', '']],
  ['sendInitialEvents', ['true', 'false', 'x']],
  ['allowWatchBookmarks', ['true', 'x']],
  ['timeoutSeconds', ['1', '0', '-1', 'x', '1e9']],
  ['timeout', ['1s', '100ms', 'x', '-1s', '99999h', '']],
  ['dryRun', ['All', 'x', '', 'all']],
  ['fieldManager', ['m', '', 'x'.repeat(129), '\u0000', 'é']],
  ['fieldValidation', ['Strict', 'Warn', 'Ignore', 'x', '']],
  ['force', ['true', 'false', 'x', '']],
  ['pretty', ['true', '1', 'x']],
  ['includeObject', ['None', 'Object', 'x']],
  ['propagationPolicy', ['Orphan', 'Foreground', 'Background', 'x']],
  ['gracePeriodSeconds', ['0', '-1', 'x', '30']],
  ['orphanDependents', ['true', 'x']],
]

function queryOf(_subject: Subject, dice: Dice): string {
  if (dice.chance(0.35)) return dice.chance(0.5) ? '' : '?fieldManager=fuzz'
  const chosen = dice
    .times(4, () => dice.pick(parameters))
    .map(([name, values]) => {
      return `${dice.chance(0.02) ? encodeURIComponent('__proto__') : name}=${encodeURIComponent(dice.pick(values))}`
    })
  if (dice.chance(0.06))
    chosen.push(dice.pick(['%', '%zz=1', '=', '&&', 'limit=1&limit=2', 'a'.repeat(4000), '%ff=%ff', '?']))
  // A watch goes on for ever unless it says otherwise.
  if (dice.chance(0.02)) chosen.unshift('watch=true', 'timeoutSeconds=1')
  return chosen.length === 0 ? '' : `?${chosen.join('&')}`
}

const accepts = [
  'application/json',
  'application/yaml',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1beta1;g=meta.k8s.io,application/json',
  'application/json;pretty=1',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v9;g=x',
  'application/json;stream=watch',
  '*/*;q=0',
  ';;;,,,q=x',
  'text/html',
  'a'.repeat(3000),
] as const

const oddHeaders: readonly Readonly<Record<string, string | string[]>>[] = [
  { 'impersonate-user': 'ann' },
  { 'impersonate-user': 'ann', 'impersonate-group': ['system:masters', 'x'] },
  { 'impersonate-user': '' },
  { 'impersonate-group': 'x' },
  { 'impersonate-user': 'system:serviceaccount:a', 'impersonate-uid': 'x' },
  { 'impersonate-user': 'ann', 'impersonate-group': 'system:masters', 'impersonate-extra-__proto__': 'x' },
  { 'impersonate-user': 'ann', 'impersonate-extra-%zz': 'x' },
  { authorization: 'Bearer ' },
  { authorization: 'Basic eDp4' },
  { authorization: `Bearer ${'x'.repeat(20_000)}` },
  { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' },
  { 'if-none-match': '*' },
  { 'user-agent': 'Mozilla/5.0' },
  { 'user-agent': '' },
  { 'audit-id': 'x y\t' },
  { 'audit-id': 'x'.repeat(1000) },
  { expect: '100-continue' },
  { 'accept-encoding': 'gzip, deflate;q=0.5' },
  { 'x-long': 'x'.repeat(30_000) },
  { 'x-http-method-override': 'DELETE' },
]

function headersOf(dice: Dice): FuzzRequest['headers'] {
  const accept = dice.chance(0.2) ? { accept: dice.pick(accepts) } : {}
  return { ...accept, ...(dice.chance(0.12) ? dice.pick(oddHeaders) : {}) }
}
