import type { AccessReviewSpec, ResourceAttributes, SelectorRequirement } from '../../machinery/review/access-review.ts'
import { SelectorError } from '../../machinery/selector/errors.ts'
import { parseFieldSelector } from '../../machinery/selector/field.ts'
import { type ParsedRequirement, parseRequirements } from '../../machinery/selector/label-parser.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

/** The question whether this user may do that, in the words of a SubjectAccessReview. */
export function accessReviewSpec(user: UserInfo, info: RequestInfo): AccessReviewSpec {
  const { name, uid, groups, extra } = user
  return {
    user: name,
    ...(uid !== undefined && { uid }),
    groups,
    ...(Object.keys(extra).length > 0 && { extra }),
    ...(info.isResourceRequest
      ? { resourceAttributes: resourceAttributes(info) }
      : { nonResourceAttributes: { path: info.path, verb: info.verb } }),
  }
}

function resourceAttributes(info: RequestInfo): ResourceAttributes {
  const { namespace, verb, group, version, resource, subresource, name, selectors } = info
  const fields = requirements(selectors?.field, fieldRequirements)
  const labels = requirements(selectors?.label, labelRequirements)
  return {
    ...(namespace !== '' && { namespace }),
    verb,
    ...(group !== '' && { group }),
    version,
    resource,
    ...(subresource !== '' && { subresource }),
    ...(name !== '' && { name }),
    ...(fields.length > 0 && { fieldSelector: { requirements: fields } }),
    ...(labels.length > 0 && { labelSelector: { requirements: labels } }),
  }
}

type Parse = (text: string) => readonly SelectorRequirement[]

/** What cannot be read narrows nothing: the question is then about everything, and the endpoint refuses the request. */
function requirements(text: string | undefined, parse: Parse): readonly SelectorRequirement[] {
  if (text === undefined) return []
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof SelectorError) return []
    throw error
  }
}

function fieldRequirements(text: string): readonly SelectorRequirement[] {
  return parseFieldSelector(text).map(({ path, operator, value }) => ({
    key: path,
    operator: operator === '=' ? 'In' : 'NotIn',
    values: [value],
  }))
}

const operators: Readonly<Record<ParsedRequirement['operator'], SelectorRequirement['operator'] | undefined>> = {
  in: 'In',
  '=': 'In',
  '==': 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
  // The review has no words for these; without them the question is wider, never narrower.
  gt: undefined,
  lt: undefined,
}

function labelRequirements(text: string): readonly SelectorRequirement[] {
  return parseRequirements(text).flatMap(({ key, operator, values }) => {
    const known = operators[operator]
    return known === undefined ? [] : [{ key, operator: known, ...(values.length > 0 && { values }) }]
  })
}
