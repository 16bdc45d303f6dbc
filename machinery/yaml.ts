import {
  boolYaml11Tag,
  defineScalarTag,
  dump,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  getScalarValue,
  load,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  parseEvents,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from 'js-yaml'
import { decodeJsonText } from './json/decode.ts'
import type { JsonValue } from './object.ts'

/** A body that is not YAML as the API takes it. The message is ours: nothing of the input is in it. */
export class YamlDecodeError extends Error {
  override readonly name = 'YamlDecodeError'
}

/**
 * One document, read as sigs.k8s.io/yaml does: the scalars of YAML 1.1 without base 60 and without times, which stay
 * text. Of a key given twice the last wins. JSON is YAML and is read as JSON, which is an order of magnitude faster.
 */
export function decodeYaml(text: string): JsonValue {
  const json = jsonOf(text)
  if (json !== undefined) return json.value
  try {
    const value: unknown = text.trim() === '' ? null : load(text, loadOptions)
    requireJson(value, { nodesLeft: nodeCountMax }, 0)
    return value
  } catch (error) {
    throw asDecodeError(error)
  }
}

/** The same, but every integer is a bigint, so that none is lost and none looks like a float. */
export function decodeYamlScalars(text: string): unknown {
  try {
    const value: unknown = text.trim() === '' ? null : load(text, { ...loadOptions, schema: bigIntegerSchema })
    requireJson(value, { nodesLeft: nodeCountMax }, 0)
    return value
  } catch (error) {
    throw asDecodeError(error)
  }
}

/** Keys given twice, as `line 3: key "a" already set in map`. */
export function yamlDuplicates(text: string): readonly string[] {
  if (jsonOf(text)?.duplicates.length === 0) return []
  try {
    return duplicateKeys(text)
  } catch (error) {
    throw asDecodeError(error)
  }
}

export function encodeYaml(value: unknown): string {
  return dump(JSON.parse(JSON.stringify(value)), { noRefs: true, lineWidth: -1 })
}

const depthMax = 100
const aliasCountMax = 1000
/** Aliases share their node while it is loaded and multiply when it is written: this bounds what they may grow to. */
const nodeCountMax = 1_000_000

/** strconv.ParseInt with base 0 after underscores are gone, and what it does not take: 08 is a float there. */
const integerTag = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'-+0123456789'],
  resolve: (source) => integerOf(source.replaceAll('_', '')) ?? NOT_RESOLVED,
  identify: () => false,
})
const floatForm = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const floatTag = defineScalarTag('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...'-+.0123456789'],
  resolve: (source) => {
    if (notFinite.test(source)) return Number.NaN
    const plain = source.replaceAll('_', '')
    if (!floatForm.test(plain)) return NOT_RESOLVED
    const value = Number(plain)
    // What strconv.ParseFloat finds out of range stays text.
    return Number.isFinite(value) ? value : NOT_RESOLVED
  },
  identify: () => false,
})
const binaryTag = defineScalarTag('tag:yaml.org,2002:binary', {
  resolve: (source) => Buffer.from(source, 'base64').toString(),
  identify: () => false,
})
const bigIntegerTag = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'-+0123456789'],
  resolve: (source) => bigIntegerOf(source.replaceAll('_', '')) ?? NOT_RESOLVED,
  identify: () => false,
})
const schema = schemaWith(integerTag)
const bigIntegerSchema = schemaWith(bigIntegerTag)
const loadOptions = { schema, json: true, maxDepth: depthMax, maxAliases: aliasCountMax }

function schemaWith(integers: typeof integerTag | typeof bigIntegerTag): Schema {
  return new Schema([strTag, seqTag, mapTag, nullYaml11Tag, boolYaml11Tag, integers, floatTag, mergeTag, binaryTag])
}

const integerForm = /^([-+]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9]\d*)$/

function integerOf(text: string): number | undefined {
  const value = bigIntegerOf(text)
  if (value === undefined) return undefined
  if (!Number.isSafeInteger(Number(value))) {
    throw new YamlDecodeError('invalid YAML: an integer beyond 2^53, which this server cannot keep exactly')
  }
  return Number(value)
}

function bigIntegerOf(text: string): bigint | undefined {
  const [, sign, digits] = integerForm.exec(text) ?? []
  if (digits === undefined) return undefined
  const value = BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits)
  return sign === '-' ? -value : value
}

function jsonOf(text: string): ReturnType<typeof decodeJsonText> | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    return decodeJsonText(text)
  } catch {
    return undefined
  }
}

/** Only what JSON can say, and not too much of it. */
function requireJson(value: unknown, budget: { nodesLeft: number }, depth: number): asserts value is JsonValue {
  budget.nodesLeft -= 1
  if (budget.nodesLeft < 0 || depth > depthMax) throw new YamlDecodeError('invalid YAML: aliases that grow too large')
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlDecodeError('invalid YAML: a number that JSON cannot say')
  }
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.values(value)) requireJson(member, budget, depth + 1)
}

interface Frame {
  /** Of a mapping: the keys so far. */
  readonly keys?: Set<string>
  isKeyNext: boolean
}

function duplicateKeys(text: string): readonly string[] {
  const duplicates: string[] = []
  const frames: Frame[] = []
  for (const event of parseEvents(text, { maxDepth: depthMax })) {
    const frame = frames.at(-1)
    if (event.type === EVENT_POP) frames.pop()
    else if (event.type === EVENT_MAPPING) frames.push({ keys: new Set(), isKeyNext: true })
    else if (event.type === EVENT_SEQUENCE || event.type === EVENT_DOCUMENT) frames.push({ isKeyNext: false })
    if (frame?.keys === undefined || event.type === EVENT_POP) continue
    if (frame.isKeyNext && event.type === EVENT_SCALAR) {
      const key = getScalarValue(text, event)
      if (frame.keys.has(key))
        duplicates.push(`line ${lineAt(text, event.valueStart)}: key ${JSON.stringify(key)} already set in map`)
      frame.keys.add(key)
    }
    frame.isKeyNext = !frame.isKeyNext
  }
  return duplicates
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function asDecodeError(error: unknown): YamlDecodeError {
  if (error instanceof YamlDecodeError) return error
  const line = error instanceof YAMLException ? error.mark?.line : undefined
  return new YamlDecodeError(line === undefined ? 'invalid YAML' : `invalid YAML near line ${line + 1}`)
}
