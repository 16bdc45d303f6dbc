import {
  integer,
  json,
  message,
  messages,
  optionalFlag,
  optionalInteger,
  text,
  textMap,
  texts,
  time,
} from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'
import type { KindDeclaration } from '../../registry/kind.ts'

/** A version's whole object in protobuf, where it has such a form: in every kind, metadata is the first field. */
export function objectMessage(kind: KindDeclaration, version: string): Message | undefined {
  const members = kind.versions[version]?.protobuf
  return members && { metadata: message(1, objectMeta), ...members }
}

/** The numbers of k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto. */
const ownerReference: Message = {
  kind: text(1),
  name: text(3),
  uid: text(4),
  apiVersion: text(5),
  controller: optionalFlag(6),
  blockOwnerDeletion: optionalFlag(7),
}

const managedFieldsEntry: Message = {
  manager: text(1),
  operation: text(2),
  apiVersion: text(3),
  time: time(4),
  fieldsType: text(6),
  fieldsV1: json(7),
  subresource: text(8),
}

const objectMeta: Message = {
  name: text(1),
  generateName: text(2),
  namespace: text(3),
  selfLink: text(4),
  uid: text(5),
  resourceVersion: text(6),
  generation: integer(7),
  creationTimestamp: time(8),
  deletionTimestamp: time(9),
  deletionGracePeriodSeconds: optionalInteger(10),
  labels: textMap(11),
  annotations: textMap(12),
  ownerReferences: messages(13, ownerReference),
  finalizers: texts(14),
  managedFields: messages(17, managedFieldsEntry),
}
