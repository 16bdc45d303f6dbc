/** Bytes that are not the message they should be. The text is ours: nothing of the input is in it. */
export class ProtobufDecodeError extends Error {
  override readonly name = 'ProtobufDecodeError'

  constructor(why: string) {
    super(`invalid protobuf: ${why}`)
  }
}
