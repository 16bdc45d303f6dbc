import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { KubeObject } from '../machinery/object.ts'
import { decodeYaml } from '../machinery/yaml.ts'
import { coreKinds, kinds, peerKinds } from './catalog.gen.ts'
import { kindSuite } from './conformance.ts'

const folder = new URL('../../kinds/', import.meta.url)
const examples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\/examples\/[^/]+\.yaml$/.test(path))
  .map((path) => decodeYaml(readFileSync(new URL(path, folder), 'utf8')) as unknown as KubeObject)

for (const kind of [...kinds, ...coreKinds, ...peerKinds]) {
  t.test(kind.names.kind, async (t) => {
    kindSuite(
      t,
      kind,
      examples.filter((example) => example.kind === kind.names.kind),
    )
  })
}
