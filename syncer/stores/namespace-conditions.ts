import { RE2JS } from 're2js'
import type { Namespace } from '../../kinds/core/namespace/v1.ts'
import type { SecretStoreSpec } from '../../kinds/secret-store/v1.ts'
import { patternLengthMax } from '../../machinery/schema/pattern.ts'
import { labelSelectorOf } from '../../machinery/selector/label.ts'

type Conditions = NonNullable<SecretStoreSpec['conditions']>
type NamespaceTest = (namespace: Pick<Namespace, 'metadata'>) => boolean

/**
 * Who may use a ClusterSecretStore (eso-behaviour.md 1.13): everybody without conditions, else whoever any part of any
 * of them names. What cannot be read names nobody, and neither does a selector while the labels are not known: one that
 * asks for the absence of a label would let everybody in.
 */
export function namespaceTest(conditions: Conditions | undefined): NamespaceTest {
  if (conditions === undefined || conditions.length === 0) return () => true
  const tests = conditions.flatMap(testsOf)
  return (namespace) => tests.some((test) => test(namespace))
}

function testsOf({ namespaces, namespaceRegexes = [], namespaceSelector }: Conditions[number]): NamespaceTest[] {
  const names = new Set(namespaces)
  return [
    ({ metadata }) => names.has(metadata.name ?? ''),
    ...namespaceRegexes.map(regexTest),
    ...(namespaceSelector === undefined ? [] : [selectorTest(namespaceSelector)]),
  ]
}

function regexTest(pattern: string): NamespaceTest {
  if (pattern.length > patternLengthMax) return () => false
  try {
    const regex = RE2JS.compile(pattern)
    return ({ metadata }) => regex.test(metadata.name ?? '')
  } catch {
    return () => false
  }
}

function selectorTest(spec: NonNullable<Conditions[number]['namespaceSelector']>): NamespaceTest {
  try {
    const selector = labelSelectorOf(spec)
    return ({ metadata: { labels } }) => labels !== undefined && selector.matches(labels)
  } catch {
    return () => false
  }
}
