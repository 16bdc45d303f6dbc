import t from 'tap'
import type { JsonValue } from '../object.ts'
import { PatchError } from './errors.ts'
import { applyJsonPatch } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'

const parsed = (text: string): JsonValue => JSON.parse(text) as JsonValue

t.test('JSON patch: the examples of RFC 6902, appendix A', (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"foo":"bar","baz":"qux"}'],
    ['{"foo":["bar","baz"]}', '[{"op":"add","path":"/foo/1","value":"qux"}]', '{"foo":["bar","qux","baz"]}'],
    ['{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'],
    ['{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'],
    ['{"baz":"qux","foo":"bar"}', '[{"op":"replace","path":"/baz","value":"boo"}]', '{"baz":"boo","foo":"bar"}'],
    [
      '{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}',
      '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
      '{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}',
    ],
    [
      '{"foo":["all","grass","cows","eat"]}',
      '[{"op":"move","from":"/foo/1","path":"/foo/3"}]',
      '{"foo":["all","cows","eat","grass"]}',
    ],
    [
      '{"baz":"qux","foo":["a",2,"c"]}',
      '[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]',
      '{"baz":"qux","foo":["a",2,"c"]}',
    ],
    [
      '{"foo":"bar"}',
      '[{"op":"add","path":"/child","value":{"grandchild":{}}}]',
      '{"foo":"bar","child":{"grandchild":{}}}',
    ],
    ['{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux","xyz":123}]', '{"foo":"bar","baz":"qux"}'],
    ['{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', '{"/":9,"~1":10}'],
    ['{"foo":["bar"]}', '[{"op":"add","path":"/foo/-","value":["abc","def"]}]', '{"foo":["bar",["abc","def"]]}'],
    [
      '{"a":[1,2]}',
      '[{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/0","value":0}]',
      '{"a":[1,2],"b":[0,1,2]}',
    ],
    ['{"a":1}', '[{"op":"replace","path":"","value":{"b":2}}]', '{"b":2}'],
    ['{"a":1}', '[{"op":"add","path":"/","value":2}]', '{"a":1,"":2}'],
  ]
  for (const [document, patch, expected] of cases) {
    t.equal(JSON.stringify(applyJsonPatch(parsed(document), parsed(patch))), expected, patch)
  }
  t.end()
})

t.test('JSON patch: what cannot be done fails', (t) => {
  const document: JsonValue = { foo: 'bar', baz: 'qux', list: [1], deep: { er: {} } }
  const operations = [
    { op: 'test', path: '/baz', value: 'bar' },
    { op: 'test', path: '/gone', value: 1 },
    { op: 'add', path: '/gone/bat', value: 'qux' },
    { op: 'add', path: '/list/2', value: 1 },
    { op: 'add', path: '/list/01', value: 1 },
    { op: 'add', path: '/foo/x', value: 1 },
    { op: 'add', path: '/x' },
    { op: 'remove', path: '/gone' },
    { op: 'remove', path: '/list/1' },
    { op: 'remove', path: '/list/-' },
    { op: 'remove', path: '' },
    { op: 'replace', path: '/gone/bat', value: 1 },
    { op: 'replace', path: '/list/1', value: 1 },
    { op: 'move', from: '/gone', path: '/x' },
    { op: 'move', from: '/deep', path: '/deep/er/x' },
    { op: 'copy', from: '/gone/bat', path: '/x' },
    { op: 'copy', from: '/list/1', path: '/x' },
    { op: 'add', path: 'foo', value: 1 },
    { op: 'add', path: '/a~2', value: 1 },
    { op: 'frob', path: '/foo' },
    { op: 'remove', path: '/toString' },
    { op: 'remove', path: '/__proto__/x' },
    {},
  ]
  for (const operation of operations) {
    t.throws(() => applyJsonPatch(document, [operation]), { code: 'failed' }, JSON.stringify(operation))
  }
  t.strictSame(document, { foo: 'bar', baz: 'qux', list: [1], deep: { er: {} } }, 'the document is untouched')
  for (const patch of [{}, 'x', null, [1]]) t.throws(() => applyJsonPatch({}, patch), { code: 'not-a-patch' })
  t.end()
})

t.test('JSON patch: the extensions and limits of kube-apiserver', (t) => {
  t.strictSame(applyJsonPatch({ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }]), { a: [1] })
  t.strictSame(applyJsonPatch({ a: [1] }, [{ op: 'add', path: '/a/-1', value: 2 }]), { a: [1, 2] })
  t.strictSame(applyJsonPatch({}, [{ op: 'test', path: '/gone', value: null }]), {})
  t.strictSame(applyJsonPatch({}, [{ op: 'replace', path: '/gone', value: 1 }]), { gone: 1 })
  t.strictSame(applyJsonPatch({}, [{ op: 'copy', from: '/gone', path: '/x' }]), { x: null })
  const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: null }))
  const text = 'The allowed maximum operations in a JSON patch is 10000, got 10001'
  t.throws(() => applyJsonPatch({}, many), new PatchError('too-many-operations', text))
  const doubling = Array.from({ length: 20 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }))
  t.throws(() => applyJsonPatch({ a: ['x'.repeat(100)] }, doubling), { message: /copies more than 3145728 bytes/ })
  t.end()
})

t.test('merge patch: the examples of RFC 7396, appendix A', (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ]
  for (const [target, patch, expected] of cases) {
    const result = applyMergePatch({ x: parsed(target) }, { x: parsed(patch) })
    t.equal(JSON.stringify(result), `{"x":${expected}}`, patch)
  }
  for (const patch of [[], 'x', 1, null]) t.throws(() => applyMergePatch({}, patch), { code: 'not-a-patch' })
  t.end()
})

t.test('no patch reaches a prototype', (t) => {
  const evil = parsed('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
  t.equal(JSON.stringify(applyMergePatch({}, evil)), JSON.stringify(evil))
  t.equal(
    JSON.stringify(applyMergePatch(applyMergePatch({}, evil), parsed('{"__proto__":null}'))),
    '{"constructor":{"prototype":{"polluted":1}}}',
  )
  const added = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }])
  t.equal(JSON.stringify(added), '{"__proto__":{"polluted":1}}')
  t.throws(() => applyJsonPatch({}, [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }]))
  t.throws(() => applyJsonPatch({}, [{ op: 'add', path: '/__proto__/polluted', value: 1 }]))
  t.notOk('polluted' in {})
  t.end()
})
