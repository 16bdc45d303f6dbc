import type { FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json/equal.ts'
import { validateMetadata, validateMetadataUpdate } from '../../../machinery/metadata.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { withDefaults } from '../../../machinery/schema/default.ts'
import { judgeByRules } from '../../../machinery/schema/rules/rules.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'
import { validateStructure } from '../../../machinery/schema/validate.ts'
import { invalid } from '../../../machinery/status-errors.ts'
import { effectiveObject } from '../effective-object.ts'
import type { RegistryParts } from '../registry-parts.ts'
import type { Stored } from '../stored.ts'
import { sameContent, sameStatus } from './strategy.ts'

/** An object about to be stored: as its writer said it and as it will lie in the store. */
export interface Candidate {
  readonly version: string
  readonly sent: KubeObject
  readonly next: Stored
  readonly previous?: Stored
  readonly warn: (text: string) => void
}

/** Throws one 422 with everything that is wrong. The kind's own rules see only what its schema accepts. */
export function validate(parts: RegistryParts, candidate: Candidate): void {
  warnOfFinalizers(candidate)
  const metadataErrors = metadataErrorsOf(parts, candidate)
  const schemaErrors = schemaErrorsOf(parts, candidate)
  const ruleErrors = schemaErrors.length > 0 ? [] : ruleErrorsOf(parts, candidate)
  const errors = [...metadataErrors, ...schemaErrors, ...ruleErrors]
  if (errors.length > 0) throw invalid(parts.groupKind, candidate.next.object.metadata.name ?? '', errors)
}

function metadataErrorsOf(parts: RegistryParts, { next, previous }: Candidate): FieldError[] {
  const { metadata } = next.object
  if (previous !== undefined && metadata === previous.object.metadata) return []
  if (previous !== undefined) return validateMetadataUpdate(metadata, previous.object.metadata)
  const { scope, nameRule = 'dns-subdomain' } = parts.kind
  return validateMetadata(metadata, { scope, nameRule })
}

const plainFinalizers: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

function warnOfFinalizers({ next, previous, warn }: Candidate): void {
  const known = previous?.object.metadata.finalizers ?? []
  for (const name of next.object.metadata.finalizers ?? []) {
    if (name.includes('/') || known.includes(name) || plainFinalizers.has(name)) continue
    const advice = 'prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts'
    warn(`metadata.finalizers: ${JSON.stringify(name)}: ${advice} with other finalizer writers`)
  }
}

/** Rules run when what they judge changed: what is stored stays writable in all that the write does not touch. */
function schemaErrorsOf(parts: RegistryParts, candidate: Candidate): FieldError[] {
  const { next, previous, sent, version } = candidate
  const schema = parts.kind.versions[version]?.schema
  if (schema === undefined) return []
  const judgesContent = previous === undefined || !sameContent(parts, next.object, previous.object)
  const judgesStatus = parts.hasStatus && previous !== undefined && !sameStatus(next.object, previous.object)
  if (!judgesContent && !judgesStatus) return []
  const { apiVersion: _, kind: __, metadata: ___, status, ...content } = sent
  const members = { ...(judgesContent && content), ...(judgesStatus || !parts.hasStatus ? { status } : {}) }
  const structure = judgesContent ? schema : withoutRequired(schema)
  const structureErrors = validateStructure(structure, withDefaults(schema, members), '')
  const whole = (stored: Stored) => withDefaults(schema, parts.conversion.plain(stored, version))
  const { errors, warnings } = judgeByRules(schema, {
    path: '',
    structureErrors,
    judged: () => ({ value: whole(next), previous: previous && whole(previous) }),
  })
  for (const warning of warnings) candidate.warn(warning)
  return errors
}

/** Validation compiles a schema once: it must be the same one on every write. */
const relaxed = new WeakMap<Schema, Schema>()

function withoutRequired(schema: Schema): Schema {
  const known = relaxed.get(schema)
  if (known !== undefined) return known
  const made = { ...schema, required: [] }
  relaxed.set(schema, made)
  return made
}

function ruleErrorsOf(parts: RegistryParts, { next, previous, warn }: Candidate): FieldError[] {
  const isUnchanged = previous !== undefined && sameContent(parts, next.object, previous.object)
  const isIdentical = isUnchanged && jsonEqual(next.object, previous.object)
  const rules = (parts.kind.validate ?? []).filter(({ judges }) => !(judges === 'object' ? isIdentical : isUnchanged))
  if (rules.length === 0) return []
  const effective = effectiveObject(parts.kind, next)
  const before = previous && effectiveObject(parts.kind, previous)
  return rules.flatMap((rule) => {
    const { errors, warnings = [] } = rule.check(effective, before)
    for (const warning of warnings) warn(warning)
    return errors
  })
}
