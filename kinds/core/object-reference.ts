import { text } from '../../machinery/protobuf/fields.ts'
import type { Message } from '../../machinery/protobuf/message.ts'

/** The numbers of ObjectReference in k8s.io/api/core/v1/generated.proto. */
export const objectReferenceMessage: Message = {
  kind: text(1),
  namespace: text(2),
  name: text(3),
  uid: text(4),
  apiVersion: text(5),
  resourceVersion: text(6),
  fieldPath: text(7),
}
