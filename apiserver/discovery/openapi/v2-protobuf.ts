import { isJsonObject } from '../../../machinery/json/member.ts'
import type { Encoded, Field } from '../../../machinery/protobuf/writer.ts'
import { bytesOf, double, flag, integer, message, repeated, text } from '../../../machinery/protobuf/writer.ts'

/**
 * The OpenAPI v2 document as protocol buffers (openapi.v2.Document of gnostic), from its JSON form. kubectl before 1.29
 * asks for nothing else before it explains or applies.
 */
export function openapiV2Protobuf(document: object): Uint8Array {
  return bytesOf(documentMessage(document))
}

type Table = Readonly<Record<string, Field>>

/** A message whose fields have the names of JSON members; members called x-... are its extensions. */
function messageOf(table: () => Table, extensionsNumber?: number): Field {
  let known: ReadonlyMap<string, Field> | undefined
  const extension = extensionsNumber === undefined ? undefined : message(extensionsNumber, namedAny)
  return (value) => {
    known ??= new Map(Object.entries(table()))
    const parts = Object.entries(isJsonObject(value) ? value : {}).map(([name, member]) => {
      const field = known?.get(name)
      if (field !== undefined) return field(member)
      return extension !== undefined && name.startsWith('x-') ? extension([name, member]) : ''
    })
    return parts.join('')
  }
}

/** A map: an entry of name and value for each member. */
function mapOf(number: number, value: Field): Field {
  const entry = message(number, (pair) => named(value, pair))
  return (map) =>
    Object.entries(isJsonObject(map) ? map : {})
      .map(entry)
      .join('')
}

function named(value: Field, pair: unknown): Encoded {
  return Array.isArray(pair) ? text(1)(pair[0]) + message(2, value)(pair[1]) : ''
}

const any: Field = (value) => text(2)(JSON.stringify(value))
const namedAny: Field = (pair) => named(any, pair)
const wrapped = (number: number, encode: Field): Field => message(number, encode)

const schemaMessage: Field = messageOf(
  () => ({
    $ref: text(1),
    format: text(2),
    description: text(4),
    default: message(5, any),
    maximum: double(7),
    minimum: double(9),
    maxLength: integer(11),
    minLength: integer(12),
    pattern: text(13),
    maxItems: integer(14),
    minItems: integer(15),
    maxProperties: integer(17),
    minProperties: integer(18),
    required: repeated(text(19)),
    enum: repeated(message(20, any)),
    additionalProperties: message(21, wrapped(1, schemaMessage)),
    type: message(22, text(1)),
    items: message(23, wrapped(1, schemaMessage)),
    properties: message(25, mapOf(1, schemaMessage)),
  }),
  31,
)

const bodyParameter = messageOf(() => ({
  name: text(2),
  in: text(3),
  required: flag(4),
  schema: message(5, schemaMessage),
}))
const queryParameter = messageOf(() => ({
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(6),
  uniqueItems: flag(20),
}))
const pathParameter = messageOf(() => ({
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(5),
  uniqueItems: flag(19),
}))

/** ParametersItem > Parameter > BodyParameter, or > NonBodyParameter > the one for its place. */
const parameterItem: Field = (value) => {
  const place = isJsonObject(value) ? value.in : undefined
  if (place === 'body') return wrapped(1, wrapped(1, bodyParameter))(value)
  return wrapped(1, wrapped(2, place === 'path' ? wrapped(4, pathParameter) : wrapped(3, queryParameter)))(value)
}

const response = messageOf(() => ({ description: text(1), schema: message(2, wrapped(1, schemaMessage)) }))

const operation = messageOf(
  () => ({
    tags: repeated(text(1)),
    description: text(3),
    operationId: text(5),
    produces: repeated(text(6)),
    consumes: repeated(text(7)),
    parameters: repeated(message(8, parameterItem)),
    responses: message(9, mapOf(1, wrapped(1, response))),
    schemes: repeated(text(10)),
  }),
  13,
)

const pathItem = messageOf(() => ({
  get: message(2, operation),
  put: message(3, operation),
  post: message(4, operation),
  delete: message(5, operation),
  patch: message(8, operation),
  parameters: repeated(message(9, parameterItem)),
}))

const documentMessage = messageOf(() => ({
  swagger: text(1),
  info: message(
    2,
    messageOf(() => ({ title: text(1), version: text(2) })),
  ),
  paths: message(8, mapOf(2, pathItem)),
  definitions: message(9, mapOf(1, schemaMessage)),
}))
