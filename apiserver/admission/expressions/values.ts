import { type AccessDecision, AccessPending, type AccessQuestion } from '../../../machinery/cel/admission/authorizer.ts'
import { AuthorizerValue, ResourceCheck } from '../../../machinery/cel/admission/authorizer.ts'
import { dynamicValue } from '../../../machinery/cel/values/dynamic.ts'
import { parseTimestamp } from '../../../machinery/cel/values/timestamp.ts'
import { Mapping } from '../../../machinery/cel/values/value.ts'
import type { Value } from '../../../machinery/cel/values/value.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { AdmissionRequest } from '../admission.ts'
import { requestAttributes } from './attributes.ts'
import type { Values } from './evaluation.ts'

/** May somebody do something? Rejects when nobody can tell; the message is ours. */
export type AskAccess = (request: AdmissionRequest, question: AccessQuestion) => Promise<AccessDecision>

export interface Seen {
  readonly version: string
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
}

/** The variables that every expression about a write may use. */
export function requestValues(request: AdmissionRequest, seen: Seen, ask: AskAccess): Values {
  const authorizer = new AuthorizerValue(remembering(request, ask))
  const { group, names } = request.kind
  return {
    object: objectValue(seen.object),
    oldObject: objectValue(seen.oldObject),
    request: dynamicValue(requestAttributes(request, seen.version)),
    authorizer,
    'authorizer.requestResource': new ResourceCheck(authorizer, {
      group,
      resource: names.plural,
      subresource: request.subresource,
      namespace: request.namespace ?? '',
      name: request.name,
      fieldSelector: '',
      labelSelector: '',
    }),
  }
}

export function objectValue(object: KubeObject | undefined): Value {
  return object === undefined ? null : dynamicValue(object)
}

/** Of the namespace what describes it, times as times. */
export function namespaceValue(namespace: KubeObject | undefined): Value {
  if (namespace === undefined) return null
  const {
    managedFields: _,
    ownerReferences: __,
    selfLink: ___,
    ...metadata
  } = namespace.metadata as KubeObject['metadata'] & {
    selfLink?: string
  }
  const { spec, status } = namespace
  const inner = dynamicValue({ ...metadata })
  const members: Readonly<Record<string, Value | undefined>> = {
    metadata: inner instanceof Mapping ? new Mapping(inner.keys, (key) => timed(key, inner)) : null,
    spec: dynamicValue(spec ?? {}),
    status: dynamicValue(status ?? {}),
  }
  return new Mapping(
    () => Object.keys(members),
    (key) => (typeof key === 'string' ? members[key] : undefined),
  )
}

function timed(key: Value, metadata: Mapping): Value | undefined {
  const value = metadata.find(key)
  const isTime = key === 'creationTimestamp' || key === 'deletionTimestamp'
  return isTime && typeof value === 'string' ? parseTimestamp(value) : value
}

/** A question is asked once a write; what nobody can tell is told to the expression. */
function remembering(request: AdmissionRequest, ask: AskAccess): (question: AccessQuestion) => AccessDecision {
  const known = new Map<string, AccessDecision>()
  return (question) => {
    const key = JSON.stringify(question)
    const decision = known.get(key)
    if (decision !== undefined) return decision
    const answer = ask(request, question).catch(() => unknowable)
    throw new AccessPending(answer.then((decided) => known.set(key, decided)))
  }
}

const unknowable: AccessDecision = { isAllowed: false, reason: '', error: 'the authorizer cannot tell' }
