export interface GroupVersion {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
}

/** `v1` and `example.com/v1`; undefined for what is neither. */
export function parseApiVersion(apiVersion: string): GroupVersion | undefined {
  const parts = apiVersion.split('/')
  const [first, second] = parts
  if (first === undefined || first === '' || parts.length > 2) return undefined
  if (second === undefined) return { group: '', version: first }
  return second === '' ? undefined : { group: first, version: second }
}

export function formatApiVersion({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`
}

/** `widgets.example.com`, or the resource or kind alone in the core group. */
export function qualifiedName(name: string, group: string): string {
  return group === '' ? name : `${name}.${group}`
}

const kubeVersion = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/

/**
 * The most stable and newest first: v2, v1, v1beta2, v1beta1, v1alpha1, then other names in alphabetical order
 * (k8s.io/apimachinery/pkg/version.CompareKubeAwareVersionStrings).
 */
export function compareVersions(left: string, right: string): number {
  const a = kubeVersion.exec(left)
  const b = kubeVersion.exec(right)
  if (a === null || b === null) return a === b ? compareText(left, right) : a === null ? 1 : -1
  return stability(b[2]) - stability(a[2]) || Number(b[1]) - Number(a[1]) || Number(b[3] ?? 0) - Number(a[3] ?? 0)
}

function stability(stage: string | undefined): number {
  return stage === undefined ? 2 : stage === 'beta' ? 1 : 0
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
