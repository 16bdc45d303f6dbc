import { join } from 'node:path'
import { discoveryDocuments } from '../../apiserver/discovery/documents.ts'
import { clusterWidget } from '../../kinds/test/cluster-widget/kind.ts'
import { widget } from '../../kinds/test/widget/kind.ts'

/** What the server says about the two test kinds, as files: a change of it shows in review as a change of them. */
export interface GoldenFile {
  readonly path: string
  readonly text: string
}

/** Where the files stand; the code that asks runs from dist/. */
const folder = join(import.meta.dirname, '../../../test/golden')

const aggregated = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`

const sources = [
  ['version.json', '/version'],
  ['apis.json', '/apis'],
  ['apis-aggregated-v2.json', '/apis', aggregated('v2')],
  ['apis-aggregated-v2beta1.json', '/apis', aggregated('v2beta1')],
  ['group.json', '/apis/example.com'],
  ['resources-v1.json', '/apis/example.com/v1'],
  ['resources-v1beta1.json', '/apis/example.com/v1beta1'],
  ['openapi-v2.json', '/openapi/v2'],
  ['openapi-v3.json', '/openapi/v3'],
  ['openapi-v3-v1.json', '/openapi/v3/apis/example.com/v1'],
  ['openapi-v3-v1beta1.json', '/openapi/v3/apis/example.com/v1beta1'],
] as const

export const goldenKinds = [widget, clusterWidget]
export const goldenVersion = {
  kubernetes: '1.36.3',
  product: 'external-secrets-apiserver.0.0.0',
  gitCommit: 'none',
  buildDate: '1970-01-01T00:00:00Z',
}

export function goldenFiles(): readonly GoldenFile[] {
  const documents = discoveryDocuments(goldenKinds, goldenVersion)
  return sources.map(([name, path, accept]) => {
    const answer = documents.get(path)?.({ accept })
    if (answer?.type !== 'bytes' || answer.code !== 200) throw new Error(`no document at ${path}`)
    return {
      path: join(folder, name),
      text: `${JSON.stringify(stable(JSON.parse(String(answer.body))), undefined, 2)}\n`,
    }
  })
}

/** The version says on what it runs. */
function stable(document: unknown): unknown {
  const isVersion = typeof document === 'object' && document !== null && 'compiler' in document
  return isVersion ? { ...document, compiler: '', platform: '' } : document
}
