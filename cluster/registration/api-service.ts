import type { KubeObject, ObjectMeta } from '../../machinery/object.ts'

/** apiregistration.k8s.io/v1, as far as we register. */
export interface ApiService extends KubeObject {
  readonly spec: ApiServiceSpec
  readonly status?: { readonly conditions?: readonly ApiServiceCondition[] }
}

interface ApiServiceSpec {
  readonly group?: string
  readonly version?: string
  readonly groupPriorityMinimum?: number
  readonly versionPriority?: number
  readonly caBundle?: string
  readonly insecureSkipTLSVerify?: boolean
  readonly service?: ServiceReference
}

export interface ServiceReference {
  readonly namespace: string
  readonly name: string
  readonly port?: number
}

interface ApiServiceCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

/** Versions of one group, the preferred one first. */
export interface ServedGroup {
  readonly name: string
  readonly versions: readonly string[]
}

export interface Registration {
  readonly groups: readonly ServedGroup[]
  readonly service: ServiceReference
  readonly authorityPem: string
}

/** Of those that kube-apiserver makes by itself: for its own groups and for CustomResourceDefinitions. */
const automanagedLabel = 'kube-aggregator.kubernetes.io/automanaged'
const managedByLabel = 'app.kubernetes.io/managed-by'
const managedBy = 'external-secrets-apiserver'

/** Every version of a group goes to us, or none: two servers for one group are two truths. */
export function apiServicesOf({ groups, service, authorityPem }: Registration): readonly ApiService[] {
  const caBundle = Buffer.from(authorityPem).toString('base64')
  return groups.flatMap(({ name: group, versions }) =>
    versions.map((version, index) => ({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: apiServiceName(group, version), labels: ownLabels },
      spec: {
        group,
        version,
        groupPriorityMinimum: 1000,
        versionPriority: 100 - index,
        caBundle,
        insecureSkipTLSVerify: false,
        service,
      },
    })),
  )
}

/** A backup that brings a registration back before its server breaks discovery (Velero): it is left out. */
const ownLabels = { [managedByLabel]: managedBy, 'velero.io/exclude-from-backup': 'true' }

function apiServiceName(group: string, version: string): string {
  return `${version}.${group}`
}

/** Whose an APIService is that stands under a name of ours. */
export type Owner =
  | { readonly owner: 'us' }
  | { readonly owner: 'kube-apiserver' }
  | { readonly owner: 'another'; readonly service: string }

export function ownerOf({ metadata, spec }: ApiService, own: ServiceReference): Owner {
  if (metadata.labels?.[automanagedLabel] !== undefined || spec.service === undefined) {
    return { owner: 'kube-apiserver' }
  }
  const { namespace, name } = spec.service
  const isOurs = isMarked(metadata) || (namespace === own.namespace && name === own.name)
  return isOurs ? { owner: 'us' } : { owner: 'another', service: `${namespace}/${name}` }
}

function isMarked({ labels }: ObjectMeta): boolean {
  return labels?.[managedByLabel] === managedBy
}

export function isAsWanted(found: ApiService, { metadata, spec }: ApiService): boolean {
  const labels = Object.entries(metadata.labels ?? {})
  return (
    labels.every(([key, value]) => found.metadata.labels?.[key] === value) &&
    found.spec.caBundle === spec.caBundle &&
    // Said by somebody else it stands in the way of a caBundle, too.
    found.spec.insecureSkipTLSVerify !== true &&
    found.spec.groupPriorityMinimum === spec.groupPriorityMinimum &&
    found.spec.versionPriority === spec.versionPriority &&
    found.spec.service?.namespace === spec.service?.namespace &&
    found.spec.service?.name === spec.service?.name &&
    (found.spec.service?.port ?? 443) === (spec.service?.port ?? 443)
  )
}
