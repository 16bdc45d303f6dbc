import { decodeJson, JsonDecodeError } from '../../../machinery/json/decode.ts'
import { mediaTypeOf } from '../../../machinery/media-type.ts'
import type { JsonValue } from '../../../machinery/object.ts'
import { decodeEnvelope } from '../../../machinery/protobuf/envelope.ts'
import { ProtobufDecodeError } from '../../../machinery/protobuf/errors.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'
import { requestEntityTooLarge, unsupportedMediaType } from '../../../machinery/status-errors.ts'
import { decodeYaml, YamlDecodeError, yamlDuplicates } from '../../../machinery/yaml.ts'
import type { ApiRequest } from '../endpoint.ts'

export interface Body {
  readonly value: JsonValue
  /** Strict decoding's findings about members given twice, in its words. */
  readonly duplicates: readonly string[]
}

const bodyBytesMax = 3 * 1024 * 1024

const objectTypes = ['application/json', 'application/yaml']
const protobufType = 'application/vnd.kubernetes.protobuf'

/** A body that cannot be read; the text is ours and quotes nothing. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
}

/**
 * What is refused of a POST, PUT or DELETE before its options are looked at: 415, 413. Objects without a message have
 * no form in protobuf, as custom resources.
 */
export function checkObjectBody(request: ApiRequest, message: Message | undefined): void {
  const accepted = message === undefined ? objectTypes : [...objectTypes, protobufType]
  if (!accepted.includes(objectType(request))) throw unsupportedMediaType(accepted)
  checkSize(request.body)
}

/** After `checkObjectBody`. Throws BodyError. */
export function objectBody(request: ApiRequest, message: Message | undefined): Body {
  const type = objectType(request)
  if (type === protobufType) return protobufBody(request.body, message ?? {})
  return type === 'application/yaml' ? yamlBody(request.body) : jsonBody(request.body)
}

function objectType(request: ApiRequest): string {
  return mediaTypeOf(request.headers['content-type']) || 'application/json'
}

export function checkSize(body: Uint8Array): void {
  if (body.length > bodyBytesMax) throw requestEntityTooLarge(`limit is ${bodyBytesMax}`)
}

export function jsonBody(bytes: Uint8Array): Body {
  try {
    const { value, duplicates } = decodeJson(bytes)
    return { value, duplicates: duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`) }
  } catch (error) {
    if (error instanceof JsonDecodeError) throw new BodyError(error.message)
    throw error
  }
}

export function yamlBody(bytes: Uint8Array): Body {
  const text = Buffer.from(bytes).toString()
  try {
    return { value: decodeYaml(text), duplicates: yamlDuplicates(text) }
  } catch (error) {
    if (error instanceof YamlDecodeError) throw new BodyError(error.message)
    throw error
  }
}

function protobufBody(bytes: Uint8Array, message: Message): Body {
  try {
    return { value: decodeEnvelope(message, bytes), duplicates: [] }
  } catch (error) {
    if (error instanceof ProtobufDecodeError) throw new BodyError(error.message)
    throw error
  }
}
