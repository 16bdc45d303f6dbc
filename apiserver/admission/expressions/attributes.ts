import type { JsonObject } from '../../../machinery/object.ts'
import type { AdmissionRequest } from '../admission.ts'
import { isNamespace } from '../matching/matcher.ts'

/**
 * The members of an AdmissionReview's request without uid and objects: what expressions know as `request`. `version` is
 * the one that the webhook or policy asked for.
 */
export function requestAttributes(request: AdmissionRequest, version: string): JsonObject {
  const { kind, subresource, operation } = request
  const { group } = kind
  const part = subresource === '' ? {} : { subResource: subresource }
  const ownPart = subresource === '' ? {} : { requestSubResource: subresource }
  return {
    kind: { group, version, kind: kind.names.kind },
    resource: { group, version, resource: kind.names.plural },
    ...part,
    requestKind: { group, version: request.version, kind: kind.names.kind },
    requestResource: { group, version: request.version, resource: kind.names.plural },
    ...ownPart,
    ...(request.name !== '' && { name: request.name }),
    ...(namespaceName(request) !== undefined && { namespace: namespaceName(request) }),
    operation,
    userInfo: userAttributes(request),
    dryRun: request.isDryRun,
    options: optionsOf(request),
  }
}

/** Of a Namespace its own name. */
function namespaceName(request: AdmissionRequest): string | undefined {
  if (!isNamespace(request)) return request.namespace
  return request.name === '' ? undefined : request.name
}

function userAttributes({ user }: AdmissionRequest): JsonObject {
  const { name, uid, groups, extra } = user
  return {
    ...(name !== '' && { username: name }),
    ...(uid !== undefined && uid !== '' && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

const optionsKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const

/** A PATCH is an update, or a creation, with the options of such a one. */
function optionsOf({ operation, context }: AdmissionRequest): JsonObject {
  return { kind: optionsKinds[operation], apiVersion: 'meta.k8s.io/v1', ...context.options() }
}
