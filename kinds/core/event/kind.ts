import { defineKind, type SelectableField } from '../../../apiserver/registry/kind.ts'
import { columns } from './columns.ts'
import { eventMessage } from './message.ts'
import { type Event, eventV1 } from './v1.ts'
import { validations } from './validate.ts'

export const event = defineKind({
  group: '',
  names: { kind: 'Event', plural: 'events', shortNames: ['ev'] },
  scope: 'namespaced',
  versions: { v1: { schema: eventV1, protobuf: eventMessage } },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  columns,
  selectableFields: [
    ...(['apiVersion', 'fieldPath', 'kind', 'name', 'namespace', 'resourceVersion', 'uid'] as const).map(
      (member): SelectableField => ({
        path: `involvedObject.${member}`,
        value: (object) => (object as Event).involvedObject[member] ?? '',
      }),
    ),
    field('reason', ({ reason }) => reason),
    field('reportingComponent', ({ reportingComponent }) => reportingComponent),
    field('source', ({ source, reportingComponent }) => source?.component ?? reportingComponent),
    field('type', ({ type }) => type),
  ],
  validate: validations,
  strategicMergeKeys: {},
  expires: 'event-ttl',
})

function field(path: string, value: (event: Event) => string | undefined): SelectableField {
  return { path, value: (object) => value(object as Event) ?? '' }
}
