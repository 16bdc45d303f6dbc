import { CelEvaluationError } from '../errors.ts'
import { parseUrl, UrlValue } from '../opaque/url.ts'
import { listOf } from '../values/list.ts'
import { mappingOf } from '../values/mapping.ts'
import type { Opaque, Value } from '../values/value.ts'
import { member, plain, walkCost } from './table.ts'
import type { FunctionTable, Overload } from './table.ts'

const type = 'kubernetes.URL'

export const url: FunctionTable = {
  url: [plain(['string', '->', type], (text) => parseUrl(text) ?? refuse(), walkCost(0))],
  isURL: [plain(['string', '->', 'bool'], (text) => parseUrl(text) !== undefined)],
  getScheme: part((value) => value.scheme),
  getHost: part((value) => value.host),
  getHostname: part((value) => value.hostname),
  getPort: part((value) => value.port),
  getEscapedPath: part((value) => value.escapedPath),
  getQuery: [member([type, '->', 'map(string: list(string))'], (value) => queryOf(asUrl(value)))],
}

function part(of: (value: UrlValue) => string): readonly Overload[] {
  return [member([type, '->', 'string'], (value) => of(asUrl(value)))]
}

function asUrl(value: Opaque): UrlValue {
  if (value instanceof UrlValue) return value
  throw new CelEvaluationError('no such overload')
}

function refuse(): never {
  throw new CelEvaluationError('URL parse error during conversion from string')
}

function queryOf(value: UrlValue): Value {
  return mappingOf([...value.queryValues].map(([key, values]) => [key, listOf(values)] as const))
}
