import { htmlSafe, jsonText } from './fields/value-text.ts'

/** Whose entry it is. An applier has one entry whatever its version; other writers have one per version. */
export interface ManagerIdentity {
  readonly manager?: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion?: string
  readonly subresource?: string
}

export interface ManagerName {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
}

/** The identity as JSON, member by member in a fixed order: what managers are told apart and sorted by. */
export function identifierOf({ manager, operation, apiVersion, subresource }: ManagerName): string {
  const identity = {
    manager: manager || undefined,
    operation,
    apiVersion: operation === 'Update' ? apiVersion : undefined,
    subresource: subresource || undefined,
  }
  return htmlSafe(jsonText(identity))
}

export function parseIdentifier(identifier: string): ManagerIdentity {
  return JSON.parse(identifier) as ManagerIdentity
}
