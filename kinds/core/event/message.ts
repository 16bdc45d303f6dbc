import { integer, message, microTime, text, time } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'
import { objectReferenceMessage } from '../object-reference.ts'

/** The numbers of k8s.io/api/core/v1/generated.proto. */
export const eventMessage: Message = {
  involvedObject: message(2, objectReferenceMessage),
  reason: text(3),
  message: text(4),
  source: message(5, { component: text(1), host: text(2) }),
  firstTimestamp: time(6),
  lastTimestamp: time(7),
  count: integer(8),
  type: text(9),
  eventTime: microTime(10),
  series: message(11, { count: integer(1), lastObservedTime: microTime(2) }),
  action: text(12),
  related: message(13, objectReferenceMessage),
  reportingComponent: text(14),
  reportingInstance: text(15),
}
