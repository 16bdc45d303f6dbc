import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import { StatusError } from '../../machinery/status.ts'
import { forbidden, notFound } from '../../machinery/status-errors.ts'
import type { AdmissionCheck, AdmissionRequest } from './admission.ts'
import type { CreationGate } from './creation-gate.ts'

/** What is known of a namespace; undefined: it does not exist. */
export type NamespaceState = 'active' | 'terminating' | undefined

export interface NamespaceLifecycleOptions {
  /** Not older than the call. */
  readonly stateOf: (namespace: string) => MaybePromise<NamespaceState>
  readonly gate: CreationGate
}

/** What everything else counts on. */
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public'])

/**
 * Nothing is created in a namespace that is missing or on its way out. The creation is registered before the namespace
 * is looked at: whoever empties a namespace marks it first, then waits at the gate for the creations that may not have
 * seen the mark, then empties it. So none slips in between.
 */
export function namespaceLifecycle({ stateOf, gate }: NamespaceLifecycleOptions): AdmissionCheck {
  return {
    name: 'NamespaceLifecycle',
    mutate: (request) => {
      const { namespace } = request
      if (deletesImmortal(request)) throw forbidden(namespaces, request.name, 'this namespace may not be deleted')
      if (request.operation !== 'CREATE' || namespace === undefined) return undefined
      request.settlement.add(gate.enter(namespace))
      const state = stateOf(namespace)
      return state instanceof Promise ? state.then((found) => judge(request, found)) : judge(request, state)
    },
  }
}

function judge(request: AdmissionRequest, state: NamespaceState): undefined {
  const { namespace = '' } = request
  if (state === undefined) throw notFound(namespaces, namespace)
  if (state === 'terminating') throw terminating(request, namespace)
}

const namespaces = { group: '', resource: 'namespaces' }

function deletesImmortal({ operation, kind, name }: AdmissionRequest): boolean {
  return operation === 'DELETE' && kind.group === '' && kind.names.plural === namespaces.resource && immortal.has(name)
}

function terminating(request: AdmissionRequest, namespace: string): StatusError {
  const { group, names } = request.kind
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const refusal = forbidden({ group, resource: names.plural }, nameOf(request), why)
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  const { code, reason, message, details } = refusal
  return new StatusError({ code, reason, message, details: { ...details, causes: [cause] } })
}

/** A name that is still to be generated is called by what it is generated from. */
function nameOf(request: AdmissionRequest): string {
  const generateName = request.object?.metadata.generateName ?? ''
  return request.name || generateName || 'Unknown'
}
