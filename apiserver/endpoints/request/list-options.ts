import { type FieldError, forbiddenField, notSupported } from '../../../machinery/field-error.ts'
import type { ListOptions as StorageListOptions } from '../../../storage/storage.ts'
import { parseRevision } from '../../registry/reads/revision.ts'
import type { WatchStart } from '../../registry/reads/watch.ts'
import type { Stored } from '../../registry/stored.ts'
import { booleanValue, integerValue, textValue } from './query.ts'
import { invalidOptions } from './write-options.ts'

export interface ListOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly at: StorageListOptions<Stored>['at']
  readonly limit?: number
  readonly continue?: string
}

export interface WatchOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly start: WatchStart
  /** The state that the watch begins with ends with its own bookmark. */
  readonly marksInitialEnd: boolean
  readonly allowsBookmarks: boolean
  /** Absent: the server's choice. */
  readonly timeoutSeconds?: number
}

/** The query of a list or deletecollection: section 3.2's table. Throws 400 and 422. */
export function listOptionsOf(query: URLSearchParams): ListOptions {
  const resourceVersion = textValue(query, 'resourceVersion')
  const continueText = textValue(query, 'continue')
  const match = textValue(query, 'resourceVersionMatch')
  const errors =
    match === undefined ? [] : listMatchErrors(match, { resourceVersion, isContinued: continueText !== undefined })
  if (query.has('sendInitialEvents'))
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  if (errors.length > 0) throw invalidOptions('ListOptions', errors)
  const asked = integerValue(query, 'limit') ?? 0
  const limit = asked > 0 ? asked : undefined
  const at = listedAt(resourceVersion, match, limit !== undefined)
  const isWhole = at.kind === 'any' && continueText === undefined
  return {
    ...selectorsOf(query),
    at,
    ...(limit !== undefined && !isWhole && { limit }),
    ...(continueText !== undefined && { continue: continueText }),
  }
}

export function watchOptionsOf(query: URLSearchParams): WatchOptions {
  const resourceVersion = textValue(query, 'resourceVersion')
  const sendInitialEvents = booleanValue(query, 'sendInitialEvents')
  const errors = watchMatchErrors(query, sendInitialEvents)
  if (errors.length > 0) throw invalidOptions('ListOptions', errors)
  const start = startOf(resourceVersion, sendInitialEvents)
  const allowsBookmarks = booleanValue(query, 'allowWatchBookmarks') ?? false
  const timeoutSeconds = integerValue(query, 'timeoutSeconds') ?? 0
  return {
    ...selectorsOf(query),
    start,
    marksInitialEnd: allowsBookmarks && start.kind === 'state',
    allowsBookmarks,
    ...(timeoutSeconds > 0 && { timeoutSeconds }),
  }
}

function selectorsOf(query: URLSearchParams): { labelSelector?: string; fieldSelector?: string } {
  const labelSelector = textValue(query, 'labelSelector')
  const fieldSelector = textValue(query, 'fieldSelector')
  return {
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  }
}

function listedAt(resourceVersion: string | undefined, match: string | undefined, isPaged: boolean): ListOptions['at'] {
  if (resourceVersion === undefined) return { kind: 'latest' }
  if (resourceVersion === '0') return { kind: 'any' }
  const revision = parseRevision(resourceVersion)
  const isExact = match === 'Exact' || (match === undefined && isPaged)
  return { kind: isExact ? 'exact' : 'at-least', revision }
}

function startOf(resourceVersion: string | undefined, sendInitialEvents: boolean | undefined): WatchStart {
  if (resourceVersion === undefined)
    return sendInitialEvents === false ? { kind: 'now' } : { kind: 'state', at: { kind: 'latest' } }
  const revision = parseRevision(resourceVersion)
  if (resourceVersion === '0')
    return sendInitialEvents === false ? { kind: 'now' } : { kind: 'state', at: { kind: 'any' } }
  return sendInitialEvents === true
    ? { kind: 'state', at: { kind: 'at-least', revision } }
    : { kind: 'after', revision }
}

function listMatchErrors(
  match: string,
  given: { resourceVersion: string | undefined; isContinued: boolean },
): FieldError[] {
  const refuse = (why: string) => forbiddenField('resourceVersionMatch', why)
  const errors: FieldError[] = []
  if (given.resourceVersion === undefined) {
    errors.push(refuse('resourceVersionMatch is forbidden unless resourceVersion is provided'))
  }
  if (given.isContinued) errors.push(refuse('resourceVersionMatch is forbidden when continue is provided'))
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']))
  }
  if (match === 'Exact' && given.resourceVersion === '0') {
    errors.push(refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  return errors
}

function watchMatchErrors(query: URLSearchParams, sendInitialEvents: boolean | undefined): FieldError[] {
  const match = textValue(query, 'resourceVersionMatch')
  const refuse = (why: string) => forbiddenField('resourceVersionMatch', why)
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    return [refuse('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]
  }
  if (match === undefined) return []
  const errors: FieldError[] = []
  if (sendInitialEvents === undefined) {
    errors.push(refuse('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  }
  if (match !== 'NotOlderThan') errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']))
  if (query.has('continue')) errors.push(refuse('resourceVersionMatch is forbidden when continue is provided'))
  return errors
}
