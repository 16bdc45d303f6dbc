import type { Test } from 'tap'
import type { KindDeclaration, VersionDeclaration } from '../apiserver/registry/kind.ts'
import type { FieldError } from '../machinery/field-error.ts'
import { formatApiVersion } from '../machinery/group-version.ts'
import { jsonEqual } from '../machinery/json/equal.ts'
import type { JsonObject, KubeObject } from '../machinery/object.ts'
import { withDefaults } from '../machinery/schema/default.ts'
import { prune } from '../machinery/schema/prune.ts'
import type { Schema } from '../machinery/schema/schema.ts'
import { validateSchema } from '../machinery/schema/validate.ts'
import { randomValue, seededRandom } from './random-value.ts'

const seedCount = 300
/** How many failures a test shows. */
const shownMax = 3

/** What every kind keeps: run on its declaration and on its example manifests, at least one for each version. */
export function kindSuite(t: Test, kind: KindDeclaration, examples: readonly KubeObject[]): void {
  t.test('every field is described', async (t) => {
    for (const [version, { schema }] of Object.entries(kind.versions)) t.same(undescribed(schema, version), [])
  })
  t.test('every version has an example, which its schema and the rules accept', async (t) => {
    for (const version of Object.keys(kind.versions)) {
      t.ok(
        examples.some((example) => versionOf(example) === version),
        `an example of ${version}`,
      )
    }
    for (const example of examples) t.same(problemsOf(kind, example), [], nameOf(example))
  })
  const sent = sentObjects(kind, examples)
  t.test('defaults filled in twice are the same as once', async (t) => {
    const changed = sent.filter(({ schema, object }) => {
      const once = withDefaults(schema, object)
      return withDefaults(schema, once) !== once
    })
    t.same(changed.slice(0, shownMax), [])
  })
  t.test('columns and selectable fields have a value for every object', async (t) => {
    const { schema } = declarationOf(kind, kind.storageVersion)
    const strange = sent.flatMap((one) => strangeCells(kind, withDefaults(schema, store(kind, one).object)))
    t.same(strange.slice(0, shownMax), [])
  })
  t.test('what was sent in a version is read in that version, whatever version it went through', async (t) => {
    const lost = sent.flatMap((one) => Object.keys(kind.versions).flatMap((other) => lostThrough(kind, one, other)))
    t.same(lost.slice(0, shownMax), [])
  })
  t.test('a version can say all that was sent in it', async (t) => {
    const unsaid = sent.map((one) => show(kind, store(kind, one), one.version).foreign)
    t.same(unsaid.filter((foreign) => foreign !== undefined).slice(0, shownMax), [])
  })
  t.test('what is read of a stored object in any version can be written in it', async (t) => {
    const stored = sent.filter(({ version }) => version === kind.storageVersion)
    const refused = stored.flatMap((one) => Object.keys(kind.versions).flatMap((other) => refusedIn(kind, one, other)))
    t.same(refused.slice(0, shownMax), [])
  })
}

function refusedIn(kind: KindDeclaration, sent: Sent, version: string): readonly string[] {
  const { object } = show(kind, store(kind, sent), version)
  return schemaProblems(kind, object, version)
}

/** Sent in a version, read in another, written back as it was read there, and read as it was sent. */
function lostThrough(kind: KindDeclaration, { version, object }: Sent, other: string): readonly object[] {
  const stored = store(kind, { version, object })
  const { object: shown, foreign } = show(kind, stored, other)
  const storedAgain = store(kind, { version: other, object: shown, foreign, live: stored })
  const { object: read } = show(kind, storedAgain, version)
  return jsonEqual(read, object) ? [] : [{ through: other, sent: object, read }]
}

interface Sent {
  readonly version: string
  readonly schema: Schema
  readonly object: KubeObject
}

/** The examples, and random objects of every version. */
function sentObjects(kind: KindDeclaration, examples: readonly KubeObject[]): readonly Sent[] {
  const known = examples.flatMap((object) => {
    const version = versionOf(object)
    const schema = kind.versions[version]?.schema
    return schema === undefined ? [] : [{ version, schema, object }]
  })
  return [
    ...known,
    ...Object.entries(kind.versions).flatMap(([version, { schema }]) => randomObjects(kind, { version, schema })),
  ]
}

function randomObjects(kind: KindDeclaration, of: { version: string; schema: Schema }): readonly Sent[] {
  return Array.from({ length: seedCount }, (_, seed) => {
    const members = randomValue(of.schema, seededRandom(seed)) as JsonObject
    const apiVersion = formatApiVersion({ group: kind.group, version: of.version })
    return { ...of, object: { ...members, apiVersion, kind: kind.names.kind, metadata: { name: 'random' } } }
  })
}

interface Stored {
  readonly object: KubeObject
  /** By version, as the registry keeps it. */
  readonly hidden: Readonly<Record<string, JsonObject | undefined>>
}

interface Shown {
  readonly object: KubeObject
  readonly foreign?: JsonObject
}

interface Write {
  readonly version: string
  readonly object: KubeObject
  readonly foreign?: JsonObject | undefined
  readonly live?: Stored
}

function store(kind: KindDeclaration, { version, object, foreign, live }: Write): Stored {
  const { conversion } = declarationOf(kind, version)
  if (conversion === undefined) return { object, hidden: live?.hidden ?? {} }
  const converted = conversion.toStorage(object, foreign)
  const apiVersion = formatApiVersion({ group: kind.group, version: kind.storageVersion })
  return { object: { ...converted.object, apiVersion }, hidden: { ...live?.hidden, [version]: converted.hidden } }
}

function show(kind: KindDeclaration, stored: Stored, version: string): Shown {
  const { conversion } = declarationOf(kind, version)
  if (conversion === undefined) return { object: stored.object }
  const { object, foreign } = conversion.fromStorage(stored.object, stored.hidden[version])
  const apiVersion = formatApiVersion({ group: kind.group, version })
  return { object: { ...object, apiVersion }, ...(foreign !== undefined && { foreign }) }
}

function problemsOf(kind: KindDeclaration, example: KubeObject): readonly string[] {
  const version = versionOf(example)
  const { schema } = declarationOf(kind, kind.storageVersion)
  const effective = withDefaults(schema, store(kind, { version, object: example }).object)
  const broken = (kind.validate ?? []).flatMap(({ check }) => check(effective, undefined).errors)
  return [...schemaProblems(kind, example, version), ...broken.map(textOf)]
}

function schemaProblems(kind: KindDeclaration, object: KubeObject, version: string): readonly string[] {
  const { apiVersion: _, kind: __, metadata: ___, ...members } = object
  const { schema } = declarationOf(kind, version)
  const errors = validateSchema(schema, withDefaults(schema, members), '')
  return [...prune(schema, members).unknown, ...errors.map(textOf)]
}

function textOf({ field, message }: FieldError): string {
  return `${field}: ${message}`
}

function strangeCells(kind: KindDeclaration, object: KubeObject): readonly string[] {
  const live = { lastSyncTime: () => undefined }
  const cells = (kind.columns ?? []).filter(({ value }) => typeof (value(object, live) ?? '') === 'object')
  const fields = (kind.selectableFields ?? []).filter(({ value }) => typeof value(object) !== 'string')
  return [...cells.map(({ name }) => name), ...fields.map(({ path }) => path)]
}

function undescribed(schema: Schema, path: string): readonly string[] {
  const own = schema.description ? [] : [path]
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    undescribed(field, `${path}.${name}`),
  )
  return [...own, ...fields, ...(schema.items ? undescribed(schema.items, `${path}[]`) : [])]
}

function declarationOf(kind: KindDeclaration, version: string): VersionDeclaration {
  const declaration = kind.versions[version]
  if (declaration === undefined) throw new Error(`${kind.names.kind} has no ${version}`)
  return declaration
}

function versionOf({ apiVersion }: KubeObject): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}

function nameOf({ apiVersion, metadata }: KubeObject): string {
  return `${apiVersion} ${metadata.name}`
}
