import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupported,
  requiredField,
  tooLong,
} from '../../../machinery/field-error.ts'
import type { JsonObject } from '../../../machinery/object.ts'
import { invalid } from '../../../machinery/status-errors.ts'
import type { AdmissionContext } from '../../admission/admission-context.ts'
import type { WriteRequest } from '../../registry/writes/write-request.ts'
import type { RequestContext } from '../../request-context.ts'
import type { ApiRequest } from '../endpoint.ts'
import { booleanValue, textValue } from './query.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export interface WriteOptions {
  readonly write: WriteRequest
  readonly fieldValidation: FieldValidation
  readonly force: boolean
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'ApplyOptions'

const managerBytesMax = 128

/** The query of a POST, PUT or PATCH. Throws 422 on the options object, as kube-apiserver does. */
export function writeOptionsOf(request: ApiRequest, kind: OptionsKind): WriteOptions {
  const { query, context } = request
  const manager = textValue(query, 'fieldManager')
  const errors = optionErrors(query, kind)
  if (errors.length > 0) throw invalidOptions(kind === 'ApplyOptions' ? 'PatchOptions' : kind, errors)
  return {
    write: {
      version: request.info.version,
      user: context.user,
      fieldManager: manager ?? agentName(request.headers['user-agent']),
      isDryRun: query.has('dryRun') && query.get('dryRun') !== '',
      isAborted: () => context.isAborted,
      warn: (text) => context.warn(text),
      context: admissionContext(context, () => sentOptions(query)),
    },
    fieldValidation: (textValue(query, 'fieldValidation') ?? 'Warn') as FieldValidation,
    force: booleanValue(query, 'force') ?? false,
  }
}

/** As they were sent: what nobody sent is absent. */
function sentOptions(query: URLSearchParams): JsonObject {
  const text = (name: string): JsonObject => {
    const value = textValue(query, name)
    return value === undefined ? {} : { [name]: value }
  }
  const dryRun = query.getAll('dryRun').filter((value) => value !== '')
  return { ...(dryRun.length > 0 && { dryRun }), ...text('fieldManager'), ...text('fieldValidation') }
}

export function admissionContext(context: RequestContext, options: () => JsonObject): AdmissionContext {
  return {
    options,
    annotate: (key, value) => context.annotate?.(key, value),
    signal: () => context.signal,
    waited: (fromMs, untilMs) => context.waited?.(fromMs, untilMs),
  }
}

function optionErrors(query: URLSearchParams, kind: OptionsKind): FieldError[] {
  if (query.size === 0 && kind !== 'ApplyOptions') return []
  return [
    ...(query.has('force') && kind === 'PatchOptions'
      ? [forbiddenField('force', 'may not be specified for non-apply patch')]
      : []),
    ...managerErrors(textValue(query, 'fieldManager'), kind),
    ...dryRunErrors(query),
    ...validationErrors(query),
  ]
}

function dryRunErrors(query: URLSearchParams): FieldError[] {
  return dryRunProblems(query.getAll('dryRun').filter((value) => value !== ''))
}

export function dryRunProblems(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])]
}

export function invalidOptions(kind: string, errors: readonly FieldError[]): Error {
  return invalid({ group: 'meta.k8s.io', kind }, '', errors)
}

function managerErrors(manager: string | undefined, kind: OptionsKind): FieldError[] {
  if (manager === undefined) {
    return kind === 'ApplyOptions' ? [requiredField('fieldManager', 'is required for apply patch')] : []
  }
  if (Buffer.byteLength(manager) > managerBytesMax) {
    return [tooLong('fieldManager', managerBytesMax)]
  }
  const rune = [...manager].find((character) => !isPrintable(character))
  if (rune === undefined) return []
  const code = (rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const position = Buffer.byteLength(manager.slice(0, manager.indexOf(rune)))
  return [invalidField('fieldManager', manager, `invalid character U+${code} (at position ${position})`)]
}

function validationErrors(query: URLSearchParams): FieldError[] {
  const value = textValue(query, 'fieldValidation')
  if (value === undefined || ['Ignore', 'Warn', 'Strict'].includes(value)) return []
  return [notSupported('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn'])]
}

/** The client's name: its User-Agent up to the first slash, cut to what a manager may be. */
function agentName(userAgent: string | undefined): string {
  const sent = (userAgent ?? '').split('/', 1)[0] ?? ''
  if (plainName.test(sent)) return sent
  let name = ''
  for (const character of sent) {
    if (!isPrintable(character)) continue
    if (Buffer.byteLength(name + character) > managerBytesMax) break
    name += character
  }
  return name
}

/** What nearly everybody sends: nothing of it is to be cut or left out. */
const plainName = new RegExp(`^[ -~]{0,${managerBytesMax}}$`)

/** Go's unicode.IsPrint. */
function isPrintable(character: string): boolean {
  return character === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)
}
