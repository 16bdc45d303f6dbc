import { bytesMap, optionalFlag, text, textMap } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'

/** The numbers of k8s.io/api/core/v1/generated.proto. */
export const secretMessage: Message = {
  data: bytesMap(2),
  type: text(3),
  stringData: textMap(4),
  immutable: optionalFlag(5),
}
