import { jsonText } from './fields/value-text.ts'

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
  return escaped({
    manager: manager || undefined,
    operation,
    apiVersion: operation === 'Update' ? apiVersion : undefined,
    subresource: subresource || undefined,
  })
}

export function parseIdentifier(identifier: string): ManagerIdentity {
  return JSON.parse(identifier) as ManagerIdentity
}

/** encoding/json escapes what HTML would mind. */
function escaped(identity: object): string {
  return jsonText(identity).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
