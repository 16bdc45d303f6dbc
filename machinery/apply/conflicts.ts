import { StatusError, type StatusCause } from '../status.ts'
import { type FieldSet, type Path, pathsOf } from './fields/field-set.ts'
import { elementMessage } from './fields/path-element.ts'
import { compareTexts } from './fields/value-order.ts'
import { goQuoted } from './fields/value-text.ts'
import { type ManagerIdentity, parseIdentifier } from './manager-identity.ts'

/** An apply would change what others own: the fields in question by the manager's identifier. */
export class ConflictsError extends Error {
  override readonly name = 'ConflictsError'
  readonly conflicts: ReadonlyMap<string, FieldSet>

  constructor(conflicts: ReadonlyMap<string, FieldSet>) {
    super('the fields are owned by others')
    this.conflicts = conflicts
  }
}

/** The answer: 409 with one cause of type FieldManagerConflict per field, which kubectl and others read. */
export function conflictStatus({ conflicts }: ConflictsError): StatusError {
  const causes = [...conflicts]
    .toSorted(([a], [b]) => compareTexts(a, b))
    .flatMap(([id, set]) => causesOf(parseIdentifier(id), set))
  const message = conflictMessage(causes)
  return new StatusError({ code: 409, reason: 'Conflict', message, details: { causes } })
}

export function pathMessage(path: Path): string {
  return path.map(elementMessage).join('')
}

type ConflictCause = Required<StatusCause>

function causesOf(identity: ManagerIdentity, set: FieldSet): readonly ConflictCause[] {
  const message = `conflict with ${managerMessage(identity)}`
  return [...pathsOf(set)].map((path) => ({ reason: 'FieldManagerConflict', message, field: pathMessage(path) }))
}

function managerMessage({ manager = '', operation, apiVersion, subresource }: ManagerIdentity): string {
  const where = subresource === undefined ? '' : ` with subresource ${goQuoted(subresource)}`
  return `${goQuoted(manager)}${where}${operation === 'Update' ? ` using ${apiVersion ?? ''}` : ''}`
}

function conflictMessage(causes: readonly ConflictCause[]): string {
  const [first] = causes
  if (first !== undefined && causes.length === 1)
    return `Apply failed with 1 conflict: ${first.message}: ${first.field}`
  const lines = causes.flatMap(({ message, field }, index) => {
    const isFirst = message !== causes[index - 1]?.message
    return [...(isFirst ? [`${message.replace('conflict', 'conflicts')}:`] : []), `- ${field}`]
  })
  return `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`
}
