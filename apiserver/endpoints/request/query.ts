import { badRequest } from '../../../machinery/status-errors.ts'

/** Query values as Go reads them: of a repeated key the first one counts. */
export function textValue(query: URLSearchParams, key: string): string | undefined {
  const value = query.get(key)
  return value === null || value === '' ? undefined : value
}

/** Absent is undefined; '0' and any 'false' are false; everything else, the empty value too, is true. */
export function booleanValue(query: URLSearchParams, key: string): boolean | undefined {
  const value = query.get(key)
  return value === null ? undefined : value !== '0' && value.toLowerCase() !== 'false'
}

export function integerValue(query: URLSearchParams, key: string): number | undefined {
  const value = textValue(query, key)
  if (value === undefined) return undefined
  if (!/^[-+]?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  if (!Number.isSafeInteger(Number(value))) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`)
  }
  return Number(value)
}

/** By the parameter, read more narrowly than others; without it indented for people: curl, Wget and browsers. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const asked = textValue(query, 'pretty')
  if (asked !== undefined) return goTrue.has(asked)
  const agent = userAgent ?? ''
  return ['curl', 'Wget', 'Mozilla/5.0'].some((name) => agent.startsWith(name))
}

/** strconv.ParseBool. */
const goTrue: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
