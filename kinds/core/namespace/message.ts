import { message, messages, text, texts, time } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'

/** The numbers of k8s.io/api/core/v1/generated.proto. */
export const namespaceMessage: Message = {
  spec: message(2, { finalizers: texts(1) }),
  status: message(3, {
    phase: text(1),
    conditions: messages(2, {
      type: text(1),
      status: text(2),
      lastTransitionTime: time(4),
      reason: text(5),
      message: text(6),
    }),
  }),
}
