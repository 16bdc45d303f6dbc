import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KindDeclaration } from '../../apiserver/registry/kind.ts'
import { coreKinds, kinds, testKinds } from '../../kinds/catalog.gen.ts'
import { randomValue } from '../../kinds/random-value.ts'
import { formatApiVersion } from '../../machinery/group-version.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { decodeYaml } from '../../machinery/yaml.ts'
import type { Dice } from './dice.ts'

/** A kind in one of its versions, and what can be sent to it. */
export interface Subject {
  readonly kind: KindDeclaration
  readonly version: string
  readonly apiVersion: string
  readonly collection: string
  /** Bodies that people send. */
  readonly examples: readonly JsonObject[]
}

export const fuzzNamespace = 'fuzz'
export const names = ['one', 'two', 'three', 'four'] as const

/** Nobody but the client writes these. Others have controllers, or take whole namespaces with them. */
const quietPlurals: ReadonlySet<string> = new Set([
  'widgets',
  'clusterwidgets',
  'configmaps',
  'secrets',
  'leases',
  'serviceaccounts',
])

const exampleObjects = readExamples(join(import.meta.dirname, '../../../kinds'))
const all = [...kinds, ...coreKinds, ...testKinds].flatMap(subjectsOf)
export const quietSubjects = all.filter(({ kind }) => quietPlurals.has(kind.names.plural))
export const loudSubjects = all.filter(({ kind }) => !quietPlurals.has(kind.names.plural))

function subjectsOf(kind: KindDeclaration): readonly Subject[] {
  return Object.keys(kind.versions).map((version) => {
    const apiVersion = formatApiVersion({ group: kind.group, version })
    const root = kind.group === '' ? `/api/${version}` : `/apis/${kind.group}/${version}`
    const scope = kind.scope === 'namespaced' ? `/namespaces/${fuzzNamespace}` : ''
    const examples = exampleObjects.filter(
      (object) => object['kind'] === kind.names.kind && object['apiVersion'] === apiVersion,
    )
    return { kind, version, apiVersion, collection: `${root}${scope}/${kind.names.plural}`, examples }
  })
}

function readExamples(folder: string): readonly JsonObject[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /examples\/[^/]+\.ya?ml$/.test(path))
    .sort()
    .map((path) => decodeYaml(readFileSync(join(folder, path), 'utf8')))
    .flatMap((value) => (isJsonObject(value) ? [value] : []))
}

/** An object that the API takes, most of the time. */
export function validObject({ kind, version, apiVersion, examples }: Subject, dice: Dice): JsonObject {
  const { schema } = kind.versions[version] ?? kind.versions[kind.storageVersion] ?? { schema: {} }
  const example = examples.length > 0 && dice.chance(0.5) ? dice.pick(examples) : undefined
  const members = example ?? (randomValue(schema, dice.random) as JsonObject)
  const labels = Object.fromEntries(dice.times(2, (index) => [`l${index}`, dice.pick(['a', 'b', ''])] as const))
  const metadata = { name: dice.pick(names), labels }
  return { ...members, ...callsNobody(kind, dice), apiVersion, kind: kind.names.kind, metadata }
}

/** But this machine, where nobody listens. */
function callsNobody({ names }: KindDeclaration, dice: Dice): JsonObject {
  if (names.kind.endsWith('SecretStore')) return { spec: { provider: dice.pick(providers) } }
  return names.kind.endsWith('WebhookConfiguration') ? { webhooks: dice.times(2, webhook) } : {}
}

/** Ignored when it fails, or nothing else could be written any more. */
function webhook(index: number): JsonObject {
  return {
    name: `judge${index}.example.com`,
    clientConfig: { url: 'https://127.0.0.1:1/judge' },
    rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }],
    failurePolicy: 'Ignore',
    timeoutSeconds: 1,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  }
}

const providers: readonly JsonObject[] = [
  { fake: { data: [{ key: 'k', value: 'v' }] } },
  { fake: { data: [] } },
  { vault: { server: 'http://127.0.0.1:1', path: 'p', version: 'v2' } },
]
