import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { coreKinds, kinds } from '../../kinds/catalog.gen.ts'
import { assert } from '../../base/assert.ts'
import { parseApiVersion } from '../../machinery/group-version.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { decodeYaml } from '../../machinery/yaml.ts'
import { packageFolder } from '../package-folder.ts'

const folder = join(packageFolder, 'examples/quickstart')

/** All documents of all files, in the order of the files' names. */
export async function quickstartManifests(): Promise<readonly KubeObject[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  const documents = texts.flatMap((text) => text.split(/^---\s*$/m)).map((text) => decodeYaml(text))
  return documents.filter((document) => document !== null) as unknown as readonly KubeObject[]
}

/** Where the object lives in the API. */
export function objectPath({ apiVersion, kind, metadata }: KubeObject): string {
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' }
  const declared = [...kinds, ...coreKinds].find((each) => each.group === group && each.names.kind === kind)
  assert(declared !== undefined, `${kind} is served`)
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  return `${base}${scope}/${declared.names.plural}/${metadata.name ?? ''}`
}
