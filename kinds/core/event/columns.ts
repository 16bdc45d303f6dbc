import type { Column } from '../../../apiserver/registry/kind.ts'
import type { JsonValue, KubeObject } from '../../../machinery/object.ts'
import type { Event } from './v1.ts'

/** As `kubectl get events` shows them: the name comes last, and only with -o wide. */
export const columns: readonly Column[] = [
  { ...column('Last Seen', 'When it happened last.', lastSeen), type: 'date' },
  column('Type', 'Normal or Warning.', ({ type }) => type),
  column('Reason', 'What happened, in one word.', ({ reason }) => reason),
  column('Object', 'The object that it happened to.', ({ involvedObject }) => nameOf(involvedObject)),
  wide(column('Subobject', 'The part of the object.', ({ involvedObject }) => involvedObject.fieldPath)),
  wide(column('Source', 'Which program tells it.', sourceOf)),
  column('Message', 'What happened, in words.', ({ message }) => message?.trim()),
  wide({ ...column('First Seen', 'When it happened first.', firstSeen), type: 'date' }),
  wide(column('Count', 'How often it happened.', countOf)),
  wide({ ...column('Name', 'The name of the event.', ({ metadata }) => metadata.name), format: 'name' }),
]

function column(name: string, description: string, value: (event: Event) => JsonValue | undefined): Column {
  return { name, type: 'string', description, value: (object: KubeObject) => value(object as Event) }
}

function wide(column: Column): Column {
  return { ...column, priority: 1 }
}

function nameOf({ kind = '', name = '' }: Event['involvedObject']): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`
}

function sourceOf({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component ?? reportingComponent ?? ''
  const host = source?.host ?? reportingInstance ?? ''
  return host === '' ? component : `${component}, ${host}`
}

/** '' is shown as <unknown>. */
function firstSeen({ firstTimestamp, eventTime }: Event): string {
  return firstTimestamp ?? eventTime ?? ''
}

function lastSeen(event: Event): string {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? firstSeen(event)
}

function countOf({ count, series }: Event): number {
  return series?.count ?? (count || 1)
}
