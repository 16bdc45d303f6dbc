import { isJsonObject } from '../../../machinery/json/member.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { labelSelectorOf, type LabelSelectorSpec } from '../../../machinery/selector/label.ts'
import type { AdmissionRequest } from '../admission.ts'
import type { MatchPolicy, NamespaceReader, Rule } from '../configuration.ts'
import { ruleMatches } from './rules.ts'

/** What webhooks, policies and bindings say about the writes that they are for. */
export interface Criteria {
  /** Absent: every write. */
  readonly rules: readonly Rule[] | undefined
  readonly excluded?: readonly Rule[] | undefined
  readonly matchPolicy?: MatchPolicy | undefined
  readonly namespaceSelector?: LabelSelectorSpec | undefined
  readonly objectSelector?: LabelSelectorSpec | undefined
}

/**
 * The version in which one is told of a write; undefined: it is not. Rejects with SelectorError where a selector makes
 * no sense, with StatusError where all else cannot be said.
 */
export type Matcher = (request: AdmissionRequest) => Promise<string | undefined>

/** In the order of kube-apiserver, cheap questions first where the answer is the same. */
export function matcherOf(criteria: Criteria, namespaceOf: NamespaceReader): Matcher {
  const namespaces = testOf(criteria.namespaceSelector)
  const objects = testOf(criteria.objectSelector)
  const { rules, excluded = [] } = criteria
  const isEquivalent = criteria.matchPolicy !== 'Exact'
  return async (request) => {
    if (versionIn(excluded, request, isEquivalent) !== undefined) return undefined
    const version = rules === undefined ? request.version : versionIn(rules, request, isEquivalent)
    if (version === undefined) return undefined
    if (objects !== undefined && !objects(labelsOf(request.object)) && !objects(labelsOf(request.oldObject)))
      return undefined
    if (namespaces === undefined) return version
    const labels = await namespaceLabels(request, namespaceOf)
    return labels === undefined || namespaces(labels) ? version : undefined
  }
}

/** The request's own version, or an equivalent one: one that the same objects are served in. */
function versionIn(rules: readonly Rule[], request: AdmissionRequest, isEquivalent: boolean): string | undefined {
  const versions = isEquivalent
    ? [request.version, ...Object.keys(request.kind.versions).filter((each) => each !== request.version)]
    : [request.version]
  return versions.find((version) => rules.some((rule) => ruleMatches(rule, request, version)))
}

type Labels = Readonly<Record<string, string>>

/** Undefined where every object passes; a test that throws SelectorError where the selector makes no sense. */
function testOf(spec: LabelSelectorSpec | undefined): ((labels: Labels | undefined) => boolean) | undefined {
  if (spec === undefined) return undefined
  if (Object.keys(spec.matchLabels ?? {}).length + (spec.matchExpressions ?? []).length === 0) return undefined
  try {
    const selector = labelSelectorOf(spec)
    return (labels) => labels !== undefined && selector.matches(labels)
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/** Undefined where there is no object: it matches no selector that says anything. */
function labelsOf(object: KubeObject | undefined): Labels | undefined {
  if (object === undefined) return undefined
  const { labels } = object.metadata
  return isJsonObject(labels) ? labels : {}
}

/** Of the namespace that is written in, or of the one that is written; undefined for all else of the cluster. */
async function namespaceLabels(request: AdmissionRequest, namespaceOf: NamespaceReader): Promise<Labels | undefined> {
  if (request.namespace !== undefined) return labelsOf(await namespaceOf(request.namespace))
  if (!isNamespace(request)) return undefined
  return labelsOf(request.object ?? request.oldObject)
}

export function isNamespace({ kind }: AdmissionRequest): boolean {
  return kind.group === '' && kind.names.plural === 'namespaces'
}
