import type { Validation, ValidationResult } from '../../../apiserver/registry/kind.ts'
import { type FieldError, invalidField, requiredField } from '../../../machinery/field-error.ts'
import { qualifiedNameProblems } from '../../../machinery/names.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { Event } from './v1.ts'

export const validations: readonly Validation[] = [{ name: 'event', check: checkEvent }]

/** legacyValidateEvent of k8s.io/kubernetes/pkg/apis/core/validation. */
function checkEvent(object: KubeObject): ValidationResult {
  const event = object as Event
  return { errors: [...namespaceErrors(event), ...(event.eventTime ? reportErrors(event) : [])] }
}

/** An event about a cluster-scoped object lies in `default`. */
function namespaceErrors({ metadata, involvedObject: { namespace = '' } }: Event): FieldError[] {
  const own = metadata.namespace ?? ''
  const agrees = namespace === '' ? ['', 'default'].includes(own) : namespace === own
  return agrees ? [] : [invalidField('involvedObject.namespace', namespace, 'does not match event.namespace')]
}

function reportErrors({ reportingComponent = '', reportingInstance = '', ...event }: Event): FieldError[] {
  const { action = '', reason = '', message = '' } = event
  return [
    ...(reportingComponent === ''
      ? [requiredField('reportingComponent')]
      : qualifiedNameProblems(reportingComponent).map((text) =>
          invalidField('reportingComponent', reportingComponent, text),
        )),
    ...present('reportingInstance', reportingInstance),
    ...present('action', action),
    ...present('reason', reason),
    ...atMost('message', message, 1024),
  ]
}

function present(field: string, text: string): FieldError[] {
  return text === '' ? [requiredField(field)] : atMost(field, text, 128)
}

/** The text itself is left out: a message may quote what nobody should read here. */
function atMost(field: string, text: string, lengthMax: number): FieldError[] {
  return text.length > lengthMax ? [invalidField(field, '', `can have at most ${lengthMax} characters`)] : []
}
