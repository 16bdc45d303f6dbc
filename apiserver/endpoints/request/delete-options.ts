import { type FieldError, invalidField, notSupported } from '../../../machinery/field-error.ts'
import { parseApiVersion } from '../../../machinery/group-version.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import type { JsonObject, JsonValue } from '../../../machinery/object.ts'
import { message, optionalFlag, optionalInteger, optionalText, texts } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'
import { badRequest } from '../../../machinery/status-errors.ts'
import type { Preconditions, Deletion } from '../../registry/writes/remove.ts'
import type { PropagationPolicy } from '../../registry/writes/finalizers.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { type Body, BodyError, checkObjectBody, objectBody } from './body.ts'
import { booleanValue, integerValue, textValue } from './query.ts'
import { admissionContext, dryRunProblems, invalidOptions } from './write-options.ts'

const policies: readonly PropagationPolicy[] = ['Foreground', 'Background', 'Orphan']

/** k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto */
const deleteOptionsMessage: Message = {
  gracePeriodSeconds: optionalInteger(1),
  preconditions: message(2, { uid: optionalText(1), resourceVersion: optionalText(2) }),
  orphanDependents: optionalFlag(3),
  propagationPolicy: optionalText(4),
  dryRun: texts(5),
}

interface Options {
  readonly gracePeriodSeconds?: number | undefined
  readonly orphanDependents?: boolean | undefined
  readonly propagationPolicy?: string | undefined
  readonly dryRun: readonly string[]
  readonly preconditions: Preconditions
}

/** Of the body, which wins completely, or else of the query. Throws 400 and 422. */
export function deletionOf(resource: ResourceRequest): Deletion {
  const { request, version } = resource
  if (request.body.length > 0) checkObjectBody(request, deleteOptionsMessage)
  const options = request.body.length > 0 ? bodyOptions(resource) : queryOptions(request.query)
  const errors = [...propagationErrors(options), ...dryRunProblems(options.dryRun)]
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors)
  const { orphanDependents, propagationPolicy, preconditions } = options
  return {
    version,
    user: request.context.user,
    propagation: {
      ...(propagationPolicy !== undefined && { policy: propagationPolicy as PropagationPolicy }),
      ...(orphanDependents !== undefined && { orphanDependents }),
    },
    preconditions,
    isDryRun: options.dryRun.length > 0,
    isAborted: () => request.context.isAborted,
    warn: (text) => request.context.warn(text),
    context: admissionContext(request.context, () => sentOptions(options)),
  }
}

function sentOptions({ preconditions, dryRun, ...options }: Options): JsonObject {
  const { uid, resourceVersion } = preconditions
  const conditions = { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) }
  return {
    ...options,
    ...(Object.keys(conditions).length > 0 && { preconditions: conditions }),
    ...(dryRun.length > 0 && { dryRun }),
  }
}

function queryOptions(query: URLSearchParams): Options {
  return {
    gracePeriodSeconds: integerValue(query, 'gracePeriodSeconds'),
    orphanDependents: booleanValue(query, 'orphanDependents'),
    propagationPolicy: textValue(query, 'propagationPolicy'),
    dryRun: query.getAll('dryRun').filter((value) => value !== ''),
    preconditions: {},
  }
}

function bodyOptions(resource: ResourceRequest): Options {
  const value = decoded(resource)
  if (!isJsonObject(value)) throw notDeleteOptions('the body is not an object')
  checkType(resource, value)
  return {
    gracePeriodSeconds: member(value, 'gracePeriodSeconds', 'number'),
    orphanDependents: member(value, 'orphanDependents', 'boolean'),
    propagationPolicy: member(value, 'propagationPolicy', 'string'),
    dryRun: textList(value, 'dryRun'),
    preconditions: preconditionsOf(value.preconditions),
  }
}

function decoded({ request }: ResourceRequest): JsonValue {
  try {
    const body: Body = objectBody(request, deleteOptionsMessage)
    return body.value
  } catch (error) {
    if (error instanceof BodyError) throw notDeleteOptions(error.message)
    throw error
  }
}

/** `v1`, `meta.k8s.io/v1` and the resource's own group and version are all spellings of the same type. */
function checkType({ registry, version }: ResourceRequest, { apiVersion, kind }: JsonObject): void {
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') {
    throw notDeleteOptions(`${JSON.stringify(kind)} is another kind`)
  }
  if (apiVersion === undefined || apiVersion === '' || apiVersion === 'v1' || apiVersion === 'meta.k8s.io/v1') return
  const sent = typeof apiVersion === 'string' ? parseApiVersion(apiVersion) : undefined
  if (sent?.group !== registry.kind.group || sent.version !== version) {
    throw notDeleteOptions(`${JSON.stringify(apiVersion)} is another apiVersion`)
  }
}

function preconditionsOf(value: JsonValue | undefined): Preconditions {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw notDeleteOptions('preconditions is not an object')
  const uid = member(value, 'uid', 'string')
  const resourceVersion = member(value, 'resourceVersion', 'string')
  return { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) }
}

interface MemberTypes {
  number: number
  boolean: boolean
  string: string
}

function member<T extends keyof MemberTypes>(object: JsonObject, name: string, type: T): MemberTypes[T] | undefined {
  const value = object[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== type) throw notDeleteOptions(`${name} is not a ${type}`)
  return value as MemberTypes[T]
}

function textList(object: JsonObject, name: string): readonly string[] {
  const value = object[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw notDeleteOptions(`${name} is not a list of strings`)
  return value.map((each: JsonValue) => {
    if (typeof each !== 'string') throw notDeleteOptions(`${name} is not a list of strings`)
    return each
  })
}

function propagationErrors({ orphanDependents, propagationPolicy }: Options): FieldError[] {
  if (propagationPolicy === undefined) return []
  if (orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set'
    return [invalidField('propagationPolicy', propagationPolicy, detail)]
  }
  if ((policies as readonly string[]).includes(propagationPolicy)) return []
  return [notSupported('propagationPolicy', propagationPolicy, [...policies, 'nil'])]
}

function notDeleteOptions(why: string): Error {
  return badRequest(`the object provided is unrecognized (must be of type DeleteOptions): ${why}`)
}
