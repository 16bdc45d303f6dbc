import { randomBytes } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { parseTime } from '../../machinery/time.ts'
import { ProviderError } from '../../providers/errors.ts'
import { documentOf } from '../../base/json/json-scan.ts'
import { rawEntries } from '../../providers/json/raw-entries.ts'
import { typedText } from '../../base/json/typed-text.ts'
import { convertKeys } from '../../syncer/convert-keys.ts'
import { decodeValue, decodeValues } from '../../syncer/decode.ts'
import { hashOfText } from '../../syncer/hash.ts'
import { ParsedTemplates } from '../../syncer/render/parsed-templates.ts'
import { mergeValues } from '../../syncer/rewrite/merge.ts'
import { type Rewrite, rewriteValues } from '../../syncer/rewrite/rewrite.ts'
import { namespaceTest } from '../../syncer/stores/namespace-conditions.ts'
import { checkNullBytes } from '../../syncer/values/null-bytes.ts'
import { isOpen, windowsAllow } from '../../syncer/windows/sync-windows.ts'
import type { VectorArea, VectorOutcome } from './area.ts'
import { caseList } from './case-list.ts'
import { remoteSecretOf } from './remote-secret.ts'

export interface DataVector {
  readonly op: string
  readonly id: string
  readonly input: unknown
  readonly expect: Expectation
  readonly provider?: string
  readonly property?: string
  readonly metadataPolicy?: string
  readonly [argument: string]: unknown
}

interface Expectation {
  readonly value?: unknown
  readonly valueBase64?: string
  readonly error?: true
  readonly errorContains?: string
  readonly noSecret?: true
}

/** What an operation gives: bytes, keys with their bytes, a word, or nothing that is served yet. */
type Answer = Uint8Array | ReadonlyMap<string, Uint8Array> | string | boolean | { readonly skipped: string }

const engine = { clock: systemClock, random: randomBytes, templates: new ParsedTemplates() }

const operations: Readonly<Record<string, (vector: DataVector) => Answer>> = {
  convertKeys: ({ input, conversionStrategy }) => convertKeys(valuesOf(input), text(conversionStrategy)),
  decode: ({ input, decodingStrategy }) => decodeValue(bytes(input), text(decodingStrategy)),
  decodeMap: ({ input, decodingStrategy }) => decodeValues(valuesOf(input), text(decodingStrategy)),
  objectHash: ({ input }) => hashOfText(String(input)),
  nullBytePolicy: ({ input, key, policy }) => {
    checkNullBytes(new Map([[String(key), bytes(input)]]), text(policy))
    return true
  },
  syncWindowActive: ({ input, schedule, duration }) =>
    isOpen({ schedule: String(schedule), duration: String(duration) }, moment(input)),
  syncWindowsAllowRefresh: ({ input, at }) => windowsAllow(input as Parameters<typeof windowsAllow>[0], moment(at)),
  clusterStoreCondition: ({ input }) => {
    const { conditions, namespace } = input as { conditions: Parameters<typeof namespaceTest>[0]; namespace: object }
    return namespaceTest(conditions)({ metadata: { labels: {}, ...namespace } })
  },
  jsonToSecretMap: ({ input }) => rawEntries(String(input)),
  valueToBytes: ({ input }) => {
    const found = documentOf(JSON.stringify(input))
    return found === undefined ? { skipped: 'no JSON value' } : typedText(found)
  },
  property: (vector) => {
    if (vector.id === 'vault-string-slice') return { skipped: 'a typed list of Go cannot come out of JSON' }
    const secret = remoteSecretOf(vector)
    return 'skipped' in secret ? secret : secret.value(vector.property)
  },
  extract: (vector) => {
    const secret = remoteSecretOf(vector)
    return 'skipped' in secret ? secret : secret.entries(vector.property)
  },
  reverseKeys: () => ({ skipped: 'PushSecret is not served yet' }),
  pushMergeData: () => ({ skipped: 'PushSecret is not served yet' }),
  rewrite: ({ input, operations: steps }) => rewriteValues(valuesOf(input), steps as readonly Rewrite[], engine),
  rewriteMerge: ({ input, merge }) => mergeValues(valuesOf(input), merge as Parameters<typeof mergeValues>[1]),
}

/** From what a provider has to what a Secret holds; admission has an area of its own. */
export const dataAreas: readonly VectorArea[] = Object.entries(operations).map(([name, operate]) => ({
  name: `data.${name}`,
  cases: (file: JsonObject) =>
    caseList<DataVector>(file, 'vectors')
      .filter(({ op }) => op === name)
      .map((vector) => ({ name: vector.id, run: () => outcome(vector, operate) })),
}))

function outcome(vector: DataVector, operate: (vector: DataVector) => Answer): VectorOutcome {
  const { expect } = vector
  try {
    const answer = operate(vector)
    if (typeof answer === 'object' && 'skipped' in answer) return answer
    if (expect.valueBase64 !== undefined) return { expected: expect.valueBase64, actual: base64(answer) }
    return { expected: expect.value ?? expect, actual: shown(answer) }
  } catch (error) {
    return { expected: expect, actual: refusal(error, expect) }
  }
}

/** The expectation itself where it is met. */
function refusal(error: unknown, expect: Expectation): Expectation | { thrown: string } {
  const message = error instanceof Error ? error.message : String(error)
  const isMet =
    expect.error === true ||
    (expect.noSecret === true && error instanceof ProviderError && error.code === 'secret-missing') ||
    (expect.errorContains !== undefined && message.includes(expect.errorContains))
  return isMet ? expect : { thrown: message }
}

function shown(answer: Exclude<Answer, { skipped: string }>): unknown {
  if (answer instanceof Uint8Array) return Buffer.from(answer).toString()
  if (typeof answer !== 'object') return answer
  return Object.fromEntries([...answer].map(([key, value]) => [key, Buffer.from(value).toString()]))
}

function base64(answer: unknown): unknown {
  return answer instanceof Uint8Array ? Buffer.from(answer).toString('base64') : answer
}

function valuesOf(input: unknown): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(input as object).map(([key, value]) => [key, bytes(value)]))
}

function bytes(input: unknown): Uint8Array {
  return Buffer.from(String(input))
}

function text(argument: unknown): string | undefined {
  return typeof argument === 'string' && argument !== '' ? argument : undefined
}

function moment(input: unknown): number {
  return parseTime(String(input)) ?? Number.NaN
}
