import type { KindDeclaration } from '../../registry/kind.ts'
import { kindDefinition, metaDefinition, operationGroup } from './definition-names.ts'
import type { ApiVersion, AskedSubresource } from '../groups.ts'
import { askedSubresources, versionPath } from '../groups.ts'
import type { Parameter } from './parameters.ts'
import {
  deleteCollectionParameters,
  deleteParameters,
  getParameters,
  listParameters,
  patchParameters,
  writeParameters,
} from './parameters.ts'

/** An operation of the API as both versions of OpenAPI tell it. */
export interface Operation {
  readonly path: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly id: string
  /** x-kubernetes-action. */
  readonly action: 'list' | 'post' | 'deletecollection' | 'get' | 'put' | 'delete' | 'patch'
  readonly description: string
  /** x-kubernetes-group-version-kind. */
  readonly of: { readonly group: string; readonly kind: string; readonly version: string }
  readonly query: readonly Parameter[]
  readonly body?: OperationBody
  /** By code, the name of what is answered. */
  readonly answers: Readonly<Record<string, string>>
  readonly answerTypes: readonly string[]
}

export interface OperationBody {
  readonly definition: string
  readonly isRequired: boolean
  readonly mediaTypes: readonly string[]
}

const objectTypes = ['application/json', 'application/yaml']
const listTypes = [...objectTypes, 'application/json;stream=watch']
const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']

export const answerTexts: Readonly<Record<string, string>> = { 201: 'Created', 202: 'Accepted' }

/** All operations on the kinds of a version, in the order of the kinds. */
export function operationsByPath(version: ApiVersion): ReadonlyMap<string, readonly Operation[]> {
  const paths = new Map<string, Operation[]>()
  for (const kind of version.kinds) {
    const of = new KindOperations(kind, version)
    for (const operation of kind.review === undefined ? of.ofKept() : of.ofAsked()) {
      const known = paths.get(operation.path)
      if (known === undefined) paths.set(operation.path, [operation])
      else known.push(operation)
    }
  }
  return paths
}

type Plan = Omit<Operation, 'path' | 'id' | 'of' | 'answerTypes' | 'description'> & {
  readonly verb: string
  readonly suffix?: string
  readonly says: string
  readonly answerTypes?: readonly string[]
}

class KindOperations {
  readonly #kind: KindDeclaration
  readonly #version: ApiVersion
  readonly #object: string
  readonly #list: string
  readonly #root: string
  readonly #collection: string

  constructor(kind: KindDeclaration, version: ApiVersion) {
    this.#kind = kind
    this.#version = version
    this.#object = kindDefinition({ group: version.group, version: version.version, kind: kind.names.kind })
    this.#list = `${this.#object}List`
    this.#root = `${versionPath(version)}/${kind.names.plural}`
    const isNamespaced = kind.scope === 'namespaced'
    this.#collection = isNamespaced ? `${versionPath(version)}/namespaces/{namespace}/${kind.names.plural}` : this.#root
  }

  ofKept(): readonly Operation[] {
    const ofSubresources = [...this.ofStatus(), ...this.ofEffective(), ...this.ofQuestions()]
    return [...this.ofAllNamespaces(), ...this.ofCollection(), ...this.ofObject(), ...ofSubresources]
  }

  ofAsked(): readonly Operation[] {
    return [this.#operation(this.#collection, this.#createPlan())]
  }

  ofAllNamespaces(): readonly Operation[] {
    if (this.#kind.scope === 'cluster') return []
    const { kind } = this.#kind.names
    const id = `list${operationGroup(this.#version)}${kind}ForAllNamespaces`
    return [{ ...this.#operation(this.#root, this.#listPlan('of all namespaces')), id }]
  }

  ofCollection(): readonly Operation[] {
    const plans: readonly Plan[] = [
      this.#listPlan(this.#kind.scope === 'namespaced' ? 'of a namespace' : ''),
      this.#createPlan(),
      {
        verb: 'delete',
        suffix: 'Collection',
        says: 'Deletes all that are selected of',
        method: 'delete',
        action: 'deletecollection',
        query: deleteCollectionParameters,
        body: deleteBody,
        answers: { 200: this.#list },
      },
    ]
    return plans.map((plan) => this.#operation(this.#collection, plan))
  }

  ofObject(): readonly Operation[] {
    const removal: Plan = {
      verb: 'delete',
      says: 'Deletes',
      method: 'delete',
      action: 'delete',
      query: deleteParameters,
      body: deleteBody,
      answers: { 200: metaDefinition('Status'), 202: metaDefinition('Status') },
    }
    const [read, replace, patch] = this.#objectPlans('')
    return [read, replace, removal, patch].map((plan) => this.#operation(`${this.#collection}/{name}`, plan))
  }

  ofStatus(): readonly Operation[] {
    if (this.#kind.subresources?.includes('status') !== true) return []
    const plans = this.#objectPlans('the status of ')
    return plans.map((plan) => this.#operation(`${this.#collection}/{name}/status`, plan, 'Status'))
  }

  ofEffective(): readonly Operation[] {
    if (this.#kind.subresources?.includes('effective') !== true) return []
    const [read] = this.#objectPlans('the effective form of ')
    return [this.#operation(`${this.#collection}/{name}/effective`, { ...read, query: [] }, 'Effective')]
  }

  ofQuestions(): readonly Operation[] {
    return askedSubresources(this.#version, this.#kind).map((each) => this.#ofQuestion(each))
  }

  #ofQuestion({ asked, subresource }: AskedSubresource): Operation {
    const of = { group: asked.group, kind: asked.names.kind, version: asked.storageVersion }
    const definition = kindDefinition(of)
    const plan: Plan = {
      ...this.#createPlan(),
      says: `Answers a ${asked.names.kind} about one of the`,
      body: { definition, isRequired: asked.review?.isBodyOptional !== true, mediaTypes: objectTypes },
      answers: { 200: definition, 201: definition, 202: definition },
    }
    const suffix = subresource.charAt(0).toUpperCase() + subresource.slice(1)
    return { ...this.#operation(`${this.#collection}/{name}/${subresource}`, plan, suffix), of }
  }

  #listPlan(scope: string): Plan {
    return {
      verb: 'list',
      says: scope === '' ? 'Lists or watches' : `Lists or watches, ${scope},`,
      method: 'get',
      action: 'list',
      query: listParameters,
      answers: { 200: this.#list },
      answerTypes: listTypes,
    }
  }

  #createPlan(): Plan {
    return {
      verb: 'create',
      says: 'Creates',
      method: 'post',
      action: 'post',
      query: writeParameters,
      body: this.#objectBody(),
      answers: { 200: this.#object, 201: this.#object, 202: this.#object },
    }
  }

  #objectPlans(part: string): readonly [Plan, Plan, Plan] {
    const answers = { 200: this.#object, 201: this.#object }
    const patch = { definition: metaDefinition('Patch'), isRequired: true, mediaTypes: this.#patchTypes() }
    return [
      {
        verb: 'read',
        says: `Reads ${part}`,
        method: 'get',
        action: 'get',
        query: getParameters,
        answers: { 200: this.#object },
      },
      {
        verb: 'replace',
        says: `Replaces ${part}`,
        method: 'put',
        action: 'put',
        query: writeParameters,
        body: this.#objectBody(),
        answers,
      },
      {
        verb: 'patch',
        says: `Changes ${part}`,
        method: 'patch',
        action: 'patch',
        query: patchParameters,
        body: patch,
        answers,
      },
    ]
  }

  #objectBody(): OperationBody {
    return { definition: this.#object, isRequired: true, mediaTypes: objectTypes }
  }

  #patchTypes(): readonly string[] {
    return this.#kind.strategicMergeKeys === undefined
      ? patchTypes
      : [...patchTypes, 'application/strategic-merge-patch+json']
  }

  #operation(path: string, plan: Plan, idSuffix = ''): Operation {
    const { verb, suffix = '', says, ...rest } = plan
    const { kind } = this.#kind.names
    const scope = this.#kind.scope === 'namespaced' ? 'Namespaced' : ''
    return {
      answerTypes: objectTypes,
      ...rest,
      path,
      of: { group: this.#version.group, kind, version: this.#version.version },
      id: `${verb}${operationGroup(this.#version)}${suffix}${scope}${kind}${idSuffix}`,
      description: `${says.trimEnd()} ${kind} objects.`,
    }
  }
}

const deleteBody: OperationBody = {
  definition: metaDefinition('DeleteOptions'),
  isRequired: false,
  mediaTypes: objectTypes,
}
