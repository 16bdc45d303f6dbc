/** The query parameters of the verbs. kubectl decides by those of PATCH what a server can do. */

export interface Parameter {
  readonly name: string
  readonly type: 'string' | 'boolean' | 'integer'
  readonly description: string
}

const string = (name: string, description: string): Parameter => ({ name, type: 'string', description })
const boolean = (name: string, description: string): Parameter => ({ name, type: 'boolean', description })
const integer = (name: string, description: string): Parameter => ({ name, type: 'integer', description })

const dryRun = string('dryRun', 'All: everything is checked and nothing is stored.')
const limit = integer('limit', 'The greatest number of items in an answer; `continue` asks for the following ones.')
const continueToken = string('continue', 'The token of the page before, with the other parameters as they were.')
const fieldSelector = string('fieldSelector', 'Selects objects by their fields: metadata.name=a,spec.b!=c.')
const labelSelector = string('labelSelector', 'Selects objects by their labels: a=b,c!=d,e in (f,g),!h.')
const resourceVersion = string(
  'resourceVersion',
  'The state to show, or to begin a watch after; the latest when absent.',
)
const resourceVersionMatch = string('resourceVersionMatch', 'How resourceVersion is meant: Exact or NotOlderThan.')
const timeoutSeconds = integer('timeoutSeconds', 'How long a watch lasts.')
const sendInitialEvents = boolean('sendInitialEvents', 'A watch begins with the objects there are, then a bookmark.')

export const pretty = string('pretty', 'true: the answer is indented.')

export const listParameters: readonly Parameter[] = [
  boolean('allowWatchBookmarks', 'A watch may tell now and then how far it is, with an event of type BOOKMARK.'),
  continueToken,
  fieldSelector,
  labelSelector,
  limit,
  resourceVersion,
  resourceVersionMatch,
  sendInitialEvents,
  timeoutSeconds,
  boolean('watch', 'Answers the changes as they come instead of a list.'),
]

export const getParameters: readonly Parameter[] = [resourceVersion]

export const writeParameters: readonly Parameter[] = [
  dryRun,
  string('fieldManager', 'The name under which the written fields are managed; the name of the program when absent.'),
  string('fieldValidation', 'What becomes of unknown and repeated fields: Ignore, Warn or Strict.'),
]

export const patchParameters: readonly Parameter[] = [
  ...writeParameters,
  boolean('force', 'An apply takes over fields that others manage instead of failing.'),
]

export const deleteParameters: readonly Parameter[] = [
  dryRun,
  integer('gracePeriodSeconds', 'How long the object may take to go, for kinds that take time.'),
  boolean('orphanDependents', 'Deprecated: propagationPolicy says more.'),
  string('propagationPolicy', 'What becomes of dependents: Orphan, Background or Foreground.'),
]

export const deleteCollectionParameters: readonly Parameter[] = [
  continueToken,
  ...deleteParameters,
  fieldSelector,
  labelSelector,
  limit,
  resourceVersion,
  resourceVersionMatch,
  sendInitialEvents,
  timeoutSeconds,
]

/** Of the parts of a path. */
export const pathParameterTexts: Readonly<Record<string, string>> = {
  name: 'The name of the object.',
  namespace: 'The namespace of the object.',
}
