import { message, microTime, optionalInteger, optionalText } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'

/** The numbers of k8s.io/api/coordination/v1/generated.proto. */
export const leaseMessage: Message = {
  spec: message(2, {
    holderIdentity: optionalText(1),
    leaseDurationSeconds: optionalInteger(2),
    acquireTime: microTime(3),
    renewTime: microTime(4),
    leaseTransitions: optionalInteger(5),
    strategy: optionalText(6),
    preferredHolder: optionalText(7),
  }),
}
