import { gzipSync } from 'node:zlib'
import { encodeYaml } from '../../machinery/yaml.ts'
import { bent, bentText, oddTexts } from './bend.ts'
import type { Dice } from './dice.ts'
import { type Subject, validObject } from './subjects.ts'

export interface FuzzBody {
  readonly bytes: Buffer
  readonly contentType: string | undefined
  readonly contentEncoding?: string
}

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
  'application/strategic-merge-patch+json',
] as const

const oddTypes = [
  '',
  'application/json; charset=latin1',
  'application/json;;;',
  'APPLICATION/JSON',
  'application/yaml',
  'application/apply-patch+cbor',
  'application/cbor',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  'a/b;c="d',
  '*/*',
  'multipart/form-data; boundary=x',
] as const

export function bodyOf(method: string, subject: Subject, dice: Dice): FuzzBody {
  const contentType = dice.chance(0.1) ? dice.pick(oddTypes) : usualType(method, dice)
  const text = textOf(method, { subject, contentType }, dice)
  const bytes = bytesOf(dice.chance(0.12) ? bentText(text, dice) : text, contentType, dice)
  if (!dice.chance(0.05)) return { bytes, contentType }
  const contentEncoding = dice.pick(['gzip', 'deflate', 'br', 'identity', 'x'])
  return { bytes: dice.chance(0.7) ? gzipSync(bytes) : bytes, contentType, contentEncoding }
}

function usualType(method: string, dice: Dice): string {
  if (method === 'PATCH') return dice.pick(patchTypes)
  return dice.chance(0.85) ? 'application/json' : 'application/yaml'
}

interface Target {
  readonly subject: Subject
  readonly contentType: string
}

function textOf(method: string, { subject, contentType }: Target, dice: Dice): string {
  if (dice.chance(0.03))
    return dice.pick(['', 'null', '[]', '{}', '1', '"x"', 'true', '\ufeff{}', '---\n', 'a: &a [*a]'])
  const value = valueOf(method, { subject, contentType }, dice)
  const isYaml = contentType.includes('yaml') && dice.chance(0.7)
  return isYaml ? encodeYaml(value) : JSON.stringify(value)
}

function valueOf(method: string, { subject, contentType }: Target, dice: Dice): unknown {
  if (method === 'DELETE') return deleteOptions(dice)
  if (contentType === 'application/json-patch+json') return dice.times(5, () => operation(dice))
  const object = withMetadata(validObject(subject, dice), dice)
  const isKept = dice.chance(0.35)
  if (method === 'PATCH' && !contentType.includes('apply') && dice.chance(0.5)) return bent(part(object, dice), dice)
  return isKept ? object : bent(object, dice, dice.pick([0.02, 0.06, 0.2]))
}

/** What people do not send, and machines do. */
function withMetadata(object: Readonly<Record<string, unknown>>, dice: Dice): Record<string, unknown> {
  const metadata: Record<string, unknown> = { ...(object['metadata'] as object) }
  if (dice.chance(0.1)) metadata['resourceVersion'] = dice.pick(['@version', '1', '0', 'x', '', '99999999999999999999'])
  if (dice.chance(0.05)) metadata['uid'] = dice.pick(['@uid', 'x', ''])
  if (dice.chance(0.1)) metadata['managedFields'] = managedFields(dice)
  if (dice.chance(0.08)) metadata['finalizers'] = dice.times(3, () => dice.pick(['a.b/c', 'x', '', 'kubernetes']))
  if (dice.chance(0.05)) metadata['deletionTimestamp'] = '2026-01-02T03:04:05Z'
  if (dice.chance(0.05))
    metadata['annotations'] = { a: dice.pick(oddTexts), 'external-secrets.io/conversion-data': '{' }
  if (dice.chance(0.05)) metadata['generateName'] = dice.pick(['g-', 'x'.repeat(300), '-'])
  if (dice.chance(0.05)) delete metadata['name']
  return { ...object, metadata }
}

function managedFields(dice: Dice): unknown {
  const fieldsV1 = dice.pick<unknown>([
    {},
    { 'f:spec': {} },
    { 'f:metadata': { 'f:labels': { '.': {}, 'f:l0': {} } } },
    { 'k:{"a":1': {} },
    { 'v:x': 1 },
    { 'i:-1': {} },
    null,
    'x',
  ])
  const entry = {
    manager: dice.pick(['m', '', 'x'.repeat(200)]),
    operation: dice.pick(['Update', 'Apply', 'x']),
    apiVersion: dice.pick(['example.com/v1', 'v1', '', 'a/b/c']),
    time: dice.pick(['2026-01-02T03:04:05Z', 'x', null]),
    fieldsType: dice.pick(['FieldsV1', 'x', '']),
    fieldsV1,
    subresource: dice.pick(['', 'status', 'x']),
  }
  return dice.pick<unknown>([[], [{}], [entry], [entry, entry], bent([entry], dice, 0.2), null, 'x'])
}

function deleteOptions(dice: Dice): unknown {
  const options = {
    apiVersion: dice.pick(['v1', 'meta.k8s.io/v1', 'x', '']),
    kind: dice.pick(['DeleteOptions', 'x', '']),
    gracePeriodSeconds: dice.pick<unknown>([0, -1, 30, 1e10, 'x']),
    propagationPolicy: dice.pick(['Background', 'Foreground', 'Orphan', 'x']),
    preconditions: dice.pick<unknown>([{ uid: '@uid' }, { resourceVersion: '@version' }, { uid: 'x' }, null, []]),
    dryRun: dice.pick<unknown>([['All'], [], ['x'], 'All']),
  }
  return bent(options, dice, 0.15)
}

const pointers = [
  '',
  '/',
  '/metadata',
  '/metadata/labels',
  '/metadata/labels/l0',
  '/spec',
  '/spec/size',
  '/data',
  '/data/a',
]
const oddPointers = [
  '/metadata/name',
  '/metadata/uid',
  '/kind',
  '/x/y',
  '/-',
  '/spec/-',
  '/~0~1',
  '/~2',
  'x',
  '/__proto__',
]

function operation(dice: Dice): unknown {
  const pointer = (): string => (dice.chance(0.7) ? dice.pick(pointers) : dice.pick(oddPointers))
  const one = {
    op: dice.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x']),
    path: pointer(),
    from: pointer(),
    value: bent({ a: 'b', size: 1 }, dice, 0.3),
  }
  return dice.chance(0.15) ? bent(one, dice, 0.2) : one
}

/** Some members of an object, others taken out with null. */
function part(object: Readonly<Record<string, unknown>>, dice: Dice): unknown {
  const kept = Object.entries(object).filter(() => dice.chance(0.5))
  return {
    ...Object.fromEntries(kept),
    [dice.pick(Object.keys(object))]: null,
    $patch: dice.pick(['replace', 'delete', 1]),
  }
}

function bytesOf(text: string, contentType: string, dice: Dice): Buffer {
  const bytes = Buffer.from(text)
  if (contentType.includes('protobuf')) return Buffer.concat([Buffer.from('k8s\u0000'), bytes.subarray(0, 200)])
  if (!dice.chance(0.04) || bytes.length === 0) return bytes
  for (let count = 0; count < 3; count += 1) bytes[dice.below(bytes.length)] = dice.below(256)
  return bytes
}
