import { type FieldError, forbiddenField, requiredField } from '../../machinery/field-error.ts'
import { parseValuePath } from '../../machinery/json/value-path.ts'
import type { ExternalSecretSpec } from './v1.ts'

/** One broken rule of eso-inventory.md 3.1: its text is the original's, word for word. */
interface BrokenRule {
  readonly error: FieldError
  readonly text: string
}

/** The admission rules of an ExternalSecret's spec, in the order in which the original reports them. */
export function brokenRules(spec: PartialSpec): readonly BrokenRule[] {
  return [...policyRules(spec), ...sourceRules(spec), ...templateRules(spec), ...dataFromRules(spec), ...keyRules(spec)]
}

/** The rules are also asked about specs that the schema has not seen (hack/vectors). */
type PartialSpec = Partial<DeepPartial<ExternalSecretSpec>>
type DeepPartial<T> = T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined } : T
type DataFrom = NonNullable<NonNullable<PartialSpec['dataFrom']>[number]>

function policyRules({ target }: PartialSpec): BrokenRule[] {
  const { creationPolicy = 'Owner', deletionPolicy } = target ?? {}
  const field = 'spec.target.deletionPolicy'
  if (deletionPolicy === 'Delete' && ['Merge', 'None', 'CreateOrMerge'].includes(creationPolicy)) {
    const text = "must not be used when the controller doesn't own the secret. Please set creationPolicy=Owner"
    return [forbidden(field, `deletionPolicy=Delete ${text}`)]
  }
  if (deletionPolicy === 'Merge' && creationPolicy === 'None') {
    const text = 'must not be used with creationPolicy=None. There is no Secret to merge with'
    return [forbidden(field, `deletionPolicy=Merge ${text}`)]
  }
  return []
}

function sourceRules({ data = [], dataFrom = [] }: PartialSpec): BrokenRule[] {
  return data.length + dataFrom.length > 0 ? [] : [missing('spec.data', 'either data or dataFrom should be specified')]
}

const serviceAccountToken = 'kubernetes.io/service-account-token'
const serviceAccountName = 'kubernetes.io/service-account.name'

function templateRules(spec: PartialSpec): BrokenRule[] {
  const template = spec.target?.template
  const targets = template?.templateFrom?.map((source) => source?.target ?? '') ?? []
  return [
    ...typeRules(template?.type, {
      isAnnotated: Object.hasOwn(template?.metadata?.annotations ?? {}, serviceAccountName),
      annotates: targets.some((target) => target.toLowerCase() === 'annotations'),
    }),
    ...targets.flatMap(isSecret(spec.target?.manifest) ? targetRules : pathRules),
    ...(template?.engineVersion === ('v1' as string) ? [engineRule] : []),
  ]
}

/** The API server fills in the token of any account for such Secrets: nobody may have one made by template. */
function typeRules(type: string | undefined, how: { isAnnotated: boolean; annotates: boolean }): BrokenRule[] {
  const field = 'spec.target.template.type'
  const named = `template.type="${type}"`
  if (type === 'bootstrap.kubernetes.io/token') return [forbidden(field, `${named} is not allowed`)]
  if (type !== serviceAccountToken) return []
  return [
    ...(how.isAnnotated ? [forbidden(field, `${named} with annotation "${serviceAccountName}" is not allowed`)] : []),
    ...(how.annotates ? [forbidden(field, `${named} with templateFrom target="Annotations" is not allowed`)] : []),
  ]
}

function isSecret(manifest: { apiVersion?: string | undefined; kind?: string | undefined } | undefined): boolean {
  return manifest === undefined || (manifest.apiVersion === 'v1' && manifest.kind === 'Secret')
}

function targetRules(target: string, index: number): BrokenRule[] {
  if (['', 'data', 'annotations', 'labels'].includes(target.toLowerCase())) return []
  const places = 'must be one of "Data", "Annotations" or "Labels"'
  const text = `templateFrom target="${target}" is not allowed when targeting a Secret, ${places}`
  return [forbidden(`spec.target.template.templateFrom[${index}].target`, text)]
}

/** An object of another kind has `Spec` and paths, too. */
function pathRules(target: string, index: number): BrokenRule[] {
  if (['', 'data', 'annotations', 'labels', 'spec'].includes(target.toLowerCase())) return []
  const path = parseValuePath(target)
  if (typeof path !== 'string') return []
  const text = `templateFrom target="${target}" is no place in an object: ${path}`
  return [forbidden(`spec.target.template.templateFrom[${index}].target`, text)]
}

/** Only v1alpha1 and v1beta1 can say it; what it rendered cannot be rendered by version 2. */
const engineRule = forbidden(
  'spec.target.template.engineVersion',
  'template engine v1 is no longer served: write the template for engineVersion v2',
)

function dataFromRules({ dataFrom = [] }: PartialSpec): BrokenRule[] {
  return dataFrom.flatMap((entry, index) => (entry === undefined ? [] : entryRules(entry, `spec.dataFrom[${index}]`)))
}

function entryRules({ extract, find, sourceRef }: DataFrom, field: string): BrokenRule[] {
  const sources = [extract, find, sourceRef?.generatorRef].filter((source) => source !== undefined)
  if (sources.length > 1) return [forbidden(field, 'extract, find, or generatorRef cannot be set at the same time')]
  if (sources.length === 1) return []
  if (sourceRef === undefined) return [missing(field, 'either extract, find, or sourceRef must be set to dataFrom')]
  if (sourceRef.storeRef !== undefined) return []
  return [missing(`${field}.sourceRef`, 'generatorRef or storeRef must be set when using sourceRef in dataFrom')]
}

/** With another policy than Retain a key may come twice: the original lets it pass. */
function keyRules({ data = [], target }: PartialSpec): BrokenRule[] {
  if (target?.deletionPolicy !== 'Retain') return []
  const known = new Set<string>()
  const broken: BrokenRule[] = []
  data.forEach((entry, index) => {
    const key = entry?.secretKey
    if (key === undefined) return
    if (known.has(key)) broken.push(duplicate(`spec.data[${index}].secretKey`, key))
    known.add(key)
  })
  return broken
}

function forbidden(field: string, text: string): BrokenRule {
  return { error: forbiddenField(field, text), text }
}

function missing(field: string, text: string): BrokenRule {
  return { error: requiredField(field, text), text }
}

function duplicate(field: string, key: string): BrokenRule {
  const text = `duplicate secretKey found: ${key}`
  return {
    error: { type: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(key)}: ${text}` },
    text,
  }
}
