import type { ValidationResult } from '../../../apiserver/registry/kind.ts'
import { type FieldError, invalidField, requiredField } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { texts } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'
import { array, type Infer, nullable, object, required, string } from '../../../machinery/schema/builder.ts'

const atomic = { 'x-kubernetes-list-type': 'atomic' } as const

const rule = object('What may be done with which resources, or with which paths.', {
  apiGroups: array('The API groups of the resources; * is all.', string('One group; empty is the core group.'), atomic),
  nonResourceURLs: array('Paths that are no resources; * at the end is any rest.', string('One path.'), atomic),
  resourceNames: array('The objects that the rule is about; all when empty.', string('One name.'), atomic),
  resources: array('The resources; * is all.', string('One resource, or resource/subresource.'), atomic),
  verbs: required(array('What may be done; * is everything.', string('One verb.'), atomic)),
})

export const rules = nullable(array('What the role allows.', rule, atomic))
type Rule = Infer<typeof rule>

/** The numbers of k8s.io/api/rbac/v1/generated.proto. */
export const ruleMessage: Message = {
  verbs: texts(1),
  apiGroups: texts(2),
  resources: texts(3),
  resourceNames: texts(4),
  nonResourceURLs: texts(5),
}

/** k8s.io/kubernetes/pkg/apis/rbac/validation, ValidatePolicyRule. */
export function checkRules(object: KubeObject): ValidationResult {
  const rules = (object as { rules?: readonly Rule[] | null }).rules ?? []
  const isNamespaced = object.kind === 'Role'
  return { errors: rules.flatMap((each, index) => ruleErrors(each, `rules[${index}]`, isNamespaced)) }
}

function ruleErrors(rule: Rule, field: string, isNamespaced: boolean): readonly FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const errors = verbs.length > 0 ? [] : [requiredField(`${field}.verbs`, 'verbs must contain at least one value')]
  if (nonResourceURLs.length > 0) {
    const urls = `${field}.nonResourceURLs`
    if (isNamespaced) {
      errors.push(invalidField(urls, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    }
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      const text = 'rules cannot apply to both regular resources and non-resource URLs'
      errors.push(invalidField(urls, nonResourceURLs, text))
    }
    return errors
  }
  const groups = requiredField(`${field}.apiGroups`, 'resource rules must supply at least one api group')
  const kinds = requiredField(`${field}.resources`, 'resource rules must supply at least one resource')
  return [...errors, ...(apiGroups.length === 0 ? [groups] : []), ...(resources.length === 0 ? [kinds] : [])]
}
