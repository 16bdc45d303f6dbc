import t from 'tap'
import type { MetadataRules } from './metadata.ts'
import { fieldManagerErrors, validateMetadata, validateMetadataUpdate } from './metadata.ts'
import type { NameProblems } from './names.ts'
import {
  configKeyProblems,
  dnsLabelProblems,
  dnsSubdomainProblems,
  generatedName,
  isDnsLabel,
  isDnsSubdomain,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts'
import type { ObjectMeta } from './object.ts'

t.test('names are judged as apimachinery judges them', (t) => {
  const long = 'a'.repeat(64)
  const cases: readonly (readonly [(name: string) => NameProblems, readonly string[], readonly string[]])[] = [
    [
      dnsSubdomainProblems,
      ['a', 'a.b-c.9', `${'a'.repeat(250)}.bc`],
      ['', 'A', 'a_b', '-a', 'a.', 'a..b', 'a'.repeat(254)],
    ],
    [dnsLabelProblems, ['a', '9-z', 'a'.repeat(63)], ['', 'a.b', '-', long]],
    [pathSegmentProblems, ['a', 'A_b:c', '...'], ['.', '..', 'a/b', 'a%b']],
    [
      qualifiedNameProblems,
      ['a', 'A.b_c-d', 'example.com/x', 'a'.repeat(63)],
      ['', '/', 'a/', '/a', 'a/b/c', 'A.com/x', long, '-a'],
    ],
    [labelValueProblems, ['', 'a', 'A_b.c-9'], ['-', 'a b', long, 'é']],
    [configKeyProblems, ['a', '.a', '_', 'A-b.c'], ['', '.', '..', '..a', 'a/b', 'a'.repeat(254)]],
  ]
  for (const [problemsOf, good, bad] of cases) {
    for (const name of good) t.strictSame(problemsOf(name), [], `${problemsOf.name} takes ${name}`)
    for (const name of bad) t.ok(problemsOf(name).length > 0, `${problemsOf.name} refuses ${name}`)
  }
  t.ok(isDnsLabel('a') && isDnsSubdomain('a.b') && !isDnsLabel('a.b') && !isDnsSubdomain('a/b'))
  t.match(labelValueProblems('not valid admin!')[0], /^a valid label must be an empty string or consist of .*\)\?'\)$/)
  t.strictSame(configKeyProblems('..x'), ["must not start with '..'"])
  t.strictSame(pathSegmentProblems('a/b'), ["may not contain '/'"])
  t.end()
})

t.test('a generated name has five random characters and at most 63 in all', (t) => {
  const random = (): number => 0.999
  t.equal(generatedName('a-', random), 'a-99999')
  t.equal(generatedName('x'.repeat(70), random), `${'x'.repeat(58)}99999`)
  t.end()
})

const rules: MetadataRules = { scope: 'namespaced', nameRule: 'dns-subdomain' }
const good: ObjectMeta = { name: 'a', namespace: 'default' }
const texts = (meta: ObjectMeta, of = rules): readonly string[] =>
  validateMetadata(meta, of).map(({ field, message }) => `${field}: ${message}`)

t.test('metadata of a new object', (t) => {
  const owner = { apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u' }
  const huge = { a: 'x'.repeat(262_143) }
  const cases: readonly (readonly [Partial<ObjectMeta>, ...(string | RegExp)[]])[] = [
    [{ labels: { 'example.com/a': 'b' }, annotations: { 'Example.com/A': 'any thing' }, ownerReferences: [owner] }],
    [{ annotations: huge }],
    [{ name: '' }, 'metadata.name: Required value: name or generateName is required'],
    [{ name: 'A%' }, /^metadata.name: Invalid value: "A%": a lowercase RFC 1123 subdomain must consist of/],
    [{ generateName: 'a-', name: 'a-x' }],
    [{ generateName: 'A-', name: 'a' }, /^metadata.generateName: Invalid value: "A-": a lowercase/],
    [{ namespace: 'a.b' }, /^metadata.namespace: Invalid value: "a.b": a lowercase RFC 1123 label must/],
    [{ labels: { a: 'b c' } }, /^metadata.labels: Invalid value: "b c": a valid label must be/],
    [{ labels: { 'a b': '' } }, /^metadata.labels: Invalid value: "a b": name part must consist of/],
    [
      { annotations: { '': '' } },
      /^metadata.annotations: Invalid value: "": name part must be non-empty/,
      /name part must consist/,
    ],
    [{ annotations: { ...huge, b: '' } }, 'metadata.annotations: Too long: may not be more than 262144 bytes'],
    [
      { ownerReferences: [{ ...owner, uid: '' }] },
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ],
    [{ ownerReferences: [{ ...owner, kind: 'Event' }] }, /Kind=Event is disallowed from being an owner$/],
    [
      {
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'b', controller: true },
        ],
      },
      /Only one reference can have Controller set to true. Found "true" in references for A\/a and A\/b$/,
    ],
    [{ finalizers: ['orphan', 'foregroundDeletion'] }, /finalizer orphan and foregroundDeletion cannot be both set$/],
    [{ finalizers: ['a b'] }, /^metadata.finalizers: Invalid value: "a b": name part/],
    [{ managedFields: [{}] }, 'metadata.managedFields[0].operation: Invalid value: "": must be `Apply` or `Update`'],
    [
      { managedFields: [{ operation: 'Apply', fieldsType: 'x', manager: 'm'.repeat(129) }] },
      'metadata.managedFields[0].fieldsType: Invalid value: "x": must be `FieldsV1`',
      'metadata.managedFields[0].manager: Too long: may not be more than 128 bytes',
    ],
  ]
  for (const [change, ...expected] of cases)
    t.match(texts({ ...good, ...change }), expected, JSON.stringify(change).slice(0, 80))
  for (const [change, ...expected] of cases) t.equal(texts({ ...good, ...change }).length, expected.length)
  t.strictSame(texts(good, { ...rules, scope: 'cluster' }), ['metadata.namespace: Forbidden: not allowed on this type'])
  t.strictSame(texts({ name: 'a' }), ['metadata.namespace: Required value'])
  t.end()
})

t.test('metadata of an update', (t) => {
  const errors = (next: ObjectMeta, previous: ObjectMeta): readonly string[] =>
    validateMetadataUpdate(next, previous).map(({ field, message }) => `${field}: ${message}`)
  const dying = { ...good, uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b', 'a/c'] }
  t.strictSame(errors({ ...dying, finalizers: ['a/c'] }, dying), [])
  t.strictSame(errors({ ...dying, finalizers: ['a/c', 'b/y', 'b/x'] }, dying), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, ' +
      'found new finalizers []string{"b/x", "b/y"}',
  ])
  t.strictSame(errors({ ...dying, uid: 'v' }, dying), ['metadata.uid: Invalid value: "v": field is immutable'])
  t.strictSame(errors({ ...good, deletionGracePeriodSeconds: 1 }, good), [
    'metadata.deletionGracePeriodSeconds: Invalid value: 1: field is immutable',
  ])
  t.end()
})

t.test('a field manager is short and printable', (t) => {
  t.strictSame(fieldManagerErrors('kubectl edit é', 'fieldManager'), [])
  t.equal(fieldManagerErrors('m'.repeat(129), 'fieldManager')[0]?.type, 'FieldValueTooLong')
  t.equal(fieldManagerErrors('a\u0007', 'fieldManager')[0]?.type, 'FieldValueInvalid')
  t.end()
})
