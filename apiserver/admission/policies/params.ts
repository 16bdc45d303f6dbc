import type { KubeObject } from '../../../machinery/object.ts'
import { labelSelectorOf } from '../../../machinery/selector/label.ts'
import { ConfigurationError, type ParamKind, type ParamReader, type ParamRef } from './policy-configuration.ts'

/**
 * The objects that a binding hands to its policy, one evaluation each; `undefined` is an evaluation without. Rejects
 * with ConfigurationError.
 */
export async function paramsOf(
  reader: ParamReader,
  kind: ParamKind | undefined,
  at: { readonly ref: ParamRef | undefined; readonly namespace: string | undefined },
): Promise<readonly (KubeObject | undefined)[]> {
  const { ref } = at
  if (kind === undefined) return [undefined]
  // A policy that wants parameters gets none from a binding without: its expressions see null.
  if (ref === undefined) return [undefined]
  const namespace = await namespaceOf(reader, kind, { ref, namespace: at.namespace })
  const found = await read(reader, kind, { ref, namespace })
  if (found.length > 0) return found
  // Absent, as v1alpha1 has it, is Deny.
  if (ref.parameterNotFoundAction !== 'Allow') {
    throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction')
  }
  return []
}

async function namespaceOf(
  reader: ParamReader,
  kind: ParamKind,
  { ref, namespace }: { readonly ref: ParamRef; readonly namespace: string | undefined },
): Promise<string | undefined> {
  const scope = await reader.scopeOf(kind)
  if (scope === 'cluster') {
    if (!ref.namespace) return undefined
    throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  }
  if (ref.namespace) return ref.namespace
  if (namespace !== undefined) return namespace
  throw new ConfigurationError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
}

interface Place {
  readonly ref: ParamRef
  readonly namespace: string | undefined
}

async function read(reader: ParamReader, kind: ParamKind, { ref, namespace }: Place): Promise<readonly KubeObject[]> {
  const where = namespace === undefined ? {} : { namespace }
  if (ref.selector !== undefined) {
    if (ref.name) throw new ConfigurationError('paramRef.name and paramRef.selector are mutually exclusive')
    return reader.list(kind, { ...where, labelSelector: labelSelectorOf(ref.selector).text })
  }
  if (!ref.name) throw new ConfigurationError('one of name or selector must be provided')
  const object = await reader.get(kind, { ...where, name: ref.name })
  return object === undefined ? [] : [object]
}
