import type { Json } from '../../test/support/api-client.ts'

/** A case recorded from the real controller; the form is told in the `_readme` of the file. */
export interface GoldenCase {
  readonly name: string
  readonly area: string
  readonly namespace: string
  readonly namespaceLabels?: Readonly<Record<string, string>>
  readonly schemaOnly?: boolean
  readonly note?: string
  /** Harms other objects: played by itself. */
  readonly alone?: boolean
  readonly steps: readonly GoldenStep[]
}

export interface GoldenStep {
  readonly do: readonly Operation[]
  readonly refused?: readonly Refusal[]
  readonly state: State
}

export type Operation =
  | { readonly create: Manifest }
  | { readonly patch: string; readonly merge: unknown }
  | { readonly delete: string }
  | { readonly openbao: string; readonly body?: unknown }
  | { readonly aws: string; readonly body: unknown }
  | { readonly webhook: string; readonly answer: unknown }
  | { readonly sleep: number }

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly namespace?: string }
  readonly [member: string]: unknown
}

export interface Refusal {
  readonly index: number
  readonly code: number
  readonly reason: string
  readonly message: string
}

export interface State {
  readonly externalSecrets: Readonly<Record<string, ObservedExternalSecret>>
  readonly secrets: Readonly<Record<string, Json>>
  readonly events: readonly ObservedEvent[]
  readonly stores?: Readonly<Record<string, { readonly status?: unknown }>>
  readonly webhookRequests?: unknown
}

export interface ObservedExternalSecret {
  readonly generation?: number
  readonly finalizers?: readonly string[]
  readonly status?: Readonly<Record<string, unknown>>
  readonly refreshed?: boolean
}

export interface ObservedEvent {
  readonly object: string
  readonly type: string
  readonly reason: string
  readonly message: string
}
