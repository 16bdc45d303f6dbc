import type { AuditEvent } from '../../support/kube-cluster/audit-log.ts'

const writing: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

function writesOf(events: readonly AuditEvent[], resource: string): readonly AuditEvent[] {
  return events.filter(({ verb, objectRef }) => writing.has(verb) && objectRef?.resource === resource)
}

export function secretWrites(events: readonly AuditEvent[]): readonly AuditEvent[] {
  return writesOf(events, 'secrets')
}

export function leaseWrites(events: readonly AuditEvent[]): readonly AuditEvent[] {
  return writesOf(events, 'leases').filter(({ responseStatus }) => (responseStatus?.code ?? 500) < 300)
}

/** Not given back. */
export function isTaken({ requestObject }: AuditEvent): boolean {
  return (requestObject?.spec?.holderIdentity ?? '') !== ''
}

export function listsOf(events: readonly AuditEvent[], resource: string): number {
  return events.filter(({ verb, objectRef }) => verb === 'list' && objectRef?.resource === resource).length
}

export function timeOf(event: AuditEvent | undefined): number {
  return Date.parse(event?.requestReceivedTimestamp ?? '')
}

export function busiestSecond(events: readonly AuditEvent[]): number {
  const times = events.map(timeOf).sort((left, right) => left - right)
  let first = 0
  return times.reduce((most, time, index) => {
    while (time - (times[first] ?? time) >= 1000) first += 1
    return Math.max(most, index - first + 1)
  }, 0)
}
