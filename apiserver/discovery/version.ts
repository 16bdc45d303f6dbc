import type { JsonObject } from '../../machinery/object.ts'

/** Who answers. The release of Kubernetes is the one whose API is served: kubectl compares its own with it. */
export interface ServerVersion {
  /** `1.36.3`. */
  readonly kubernetes: string
  /** Name and version of the product, `widgets-apiserver.0.1.0`: the build metadata of the version. */
  readonly product: string
  readonly gitCommit: string
  readonly buildDate: string
}

/** version.Info of apimachinery. */
export function versionDocument({ kubernetes, product, gitCommit, buildDate }: ServerVersion): JsonObject {
  const [major = '', minor = ''] = kubernetes.split('.')
  return {
    major,
    minor,
    gitVersion: `v${kubernetes}+${product}`,
    gitCommit,
    gitTreeState: 'clean',
    buildDate,
    goVersion: '',
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${process.arch}`,
  }
}
