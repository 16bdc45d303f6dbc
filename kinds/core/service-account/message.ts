import { messages, optionalFlag, text } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'
import { objectReferenceMessage } from '../object-reference.ts'

/** The numbers of k8s.io/api/core/v1/generated.proto. */
export const serviceAccountMessage: Message = {
  secrets: messages(2, objectReferenceMessage),
  imagePullSecrets: messages(3, { name: text(1) }),
  automountServiceAccountToken: optionalFlag(4),
}
