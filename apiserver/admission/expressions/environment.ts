import { declaredType } from '../../../machinery/cel/declaration.ts'
import { compileProgram, type Program, type Variable } from '../../../machinery/cel/program.ts'
import { dyn, type ObjectField, simple } from '../../../machinery/cel/type.ts'
import type { CelType } from '../../../machinery/cel/type.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'

/** What the expressions of one place may speak of. */
export interface Vocabulary {
  readonly hasParams?: boolean
  readonly hasNamespace?: boolean
  readonly hasAuthorizer?: boolean
  /** Of a policy, by name. */
  readonly variables?: ReadonlyMap<string, CelType>
}

/** The places of the values in an evaluation. */
export const variableNames = [
  'object',
  'oldObject',
  'request',
  'params',
  'namespaceObject',
  'authorizer',
  'authorizer.requestResource',
  'variables',
] as const

export type VariableName = (typeof variableNames)[number]

/** Throws CelCompileError, with line and column and what it stumbled upon. */
export function compileExpression(text: string, vocabulary: Vocabulary): Program {
  const known = typesOf(vocabulary)
  // Every variable has its place, declared or not: an undeclared one has a name that nobody can write.
  const variables = variableNames.map((name): Variable => {
    const type = known[name]
    return type === undefined ? { name: `-${name}`, type: dyn } : { name, type }
  })
  return compileProgram(text, variables)
}

function typesOf(vocabulary: Vocabulary): Partial<Record<VariableName, CelType>> {
  const { hasParams, hasNamespace, hasAuthorizer, variables } = vocabulary
  return {
    object: dyn,
    oldObject: dyn,
    request: requestType,
    ...(hasParams && { params: dyn }),
    ...(hasNamespace && { namespaceObject: namespaceType }),
    ...(hasAuthorizer && {
      authorizer: simple('kubernetes.authorization.Authorizer'),
      'authorizer.requestResource': simple('kubernetes.authorization.ResourceCheck'),
    }),
    ...(variables && { variables: variablesType(variables) }),
  }
}

function variablesType(variables: ReadonlyMap<string, CelType>): CelType {
  const fields = [...variables].map(([name, type]): [string, ObjectField] => [name, { property: name, type }])
  return { kind: 'object', name: 'kubernetes.variables', fields: new Map(fields) }
}

const text: Schema = { type: 'string' }
const texts: Schema = { type: 'array', items: text }
const groupVersionKind: Schema = { type: 'object', properties: { group: text, version: text, kind: text } }
const groupVersionResource: Schema = { type: 'object', properties: { group: text, version: text, resource: text } }

const requestSchema: Schema = {
  type: 'object',
  properties: {
    kind: groupVersionKind,
    resource: groupVersionResource,
    subResource: text,
    requestKind: groupVersionKind,
    requestResource: groupVersionResource,
    requestSubResource: text,
    name: text,
    operation: text,
    dryRun: { type: 'boolean' },
    userInfo: {
      type: 'object',
      properties: {
        username: text,
        uid: text,
        groups: texts,
        extra: { type: 'object', additionalProperties: texts },
      },
    },
  },
}

const requestType = requestDeclaration()

/** Options are of several types; `namespace` is a reserved word in schemas, and plain here. */
function requestDeclaration(): CelType {
  const declared = declaredType(requestSchema, false, 'kubernetes.AdmissionRequest')
  if (declared?.kind !== 'object') return dyn
  const more: readonly [string, ObjectField][] = [
    ['namespace', { property: 'namespace', type: simple('string') }],
    ['options', { property: 'options', type: dyn }],
  ]
  return { ...declared, fields: new Map([...declared.fields, ...more]) }
}

const namespaceType = namespaceDeclaration()

/** The namespace of the request; metadata has what describes it. */
function namespaceDeclaration(): CelType {
  const members = (object: Readonly<Record<string, CelType>>, name: string): CelType => ({
    kind: 'object',
    name,
    fields: new Map(Object.entries(object).map(([property, type]) => [property, { property, type }])),
  })
  const string = simple('string')
  const strings: CelType = { kind: 'list', item: string }
  const map: CelType = { kind: 'map', key: string, value: string }
  const metadata = members(
    {
      name: string,
      generateName: string,
      namespace: string,
      labels: map,
      annotations: map,
      uid: string,
      creationTimestamp: simple('google.protobuf.Timestamp'),
      deletionTimestamp: simple('google.protobuf.Timestamp'),
      deletionGracePeriodSeconds: simple('int'),
      generation: simple('int'),
      resourceVersion: string,
      finalizers: strings,
    },
    'kubernetes.NamespaceMetadata',
  )
  const condition = members({ type: string, status: string, reason: string, message: string }, 'kubernetes.Condition')
  return members(
    {
      metadata,
      spec: members({ finalizers: strings }, 'kubernetes.NamespaceSpec'),
      status: members({ phase: string, conditions: { kind: 'list', item: condition } }, 'kubernetes.NamespaceStatus'),
    },
    'kubernetes.Namespace',
  )
}
