import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { GeneratorState } from '../../kinds/generators/generator-state/v1alpha1.ts'
import { hashOfText } from '../hash.ts'
import type { LastingThing } from '../values/generators.ts'

/** The names are ESO's (eso-behaviour.md 0.6): what one of us wrote, the other gives back. */
export const stateFinalizer = 'generatorstate.externalsecrets.io/finalizer'

const ownerKeyLabel = 'generators.external-secrets.io/owner-key'

interface StateOf {
  readonly owner: ExternalSecret
  /** The index of the entry in `dataFrom`. */
  readonly index: number
  readonly thing: LastingThing
  readonly deadline?: string
}

/**
 * What remembers a thing that a generator made outside. Its finalizer is there from the beginning, unlike ESO's, so
 * that there is no moment in which it can go and leave the thing behind.
 */
export function stateObject({ owner, index, thing, deadline }: StateOf): GeneratorState {
  const { apiVersion, kind, metadata } = owner
  const { name = '', namespace = '', uid = '' } = metadata
  return {
    apiVersion: 'generators.external-secrets.io/v1alpha1',
    kind: 'GeneratorState',
    metadata: {
      generateName: `gen-${kind.toLowerCase()}-${name}-`,
      namespace,
      labels: { [ownerKeyLabel]: hashOfText(`${kind}-${namespace}-${name}-${index}`) },
      finalizers: [stateFinalizer],
      ownerReferences: [{ apiVersion, kind, name, uid }],
    },
    spec: { ...thing, ...(deadline !== undefined && { garbageCollectionDeadline: deadline }) },
  }
}

export function withDeadline(state: GeneratorState, deadline: string): GeneratorState {
  return { ...state, spec: { ...state.spec, garbageCollectionDeadline: deadline } }
}
