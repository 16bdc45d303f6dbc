import { bytesMap, optionalFlag, textMap } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'

/** The numbers of k8s.io/api/core/v1/generated.proto. */
export const configMapMessage: Message = {
  data: textMap(2),
  binaryData: bytesMap(3),
  immutable: optionalFlag(4),
}
