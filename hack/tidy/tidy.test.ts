import t from 'tap'
import { bannedText } from './banned-text.ts'
import { cycles } from './cycles.ts'
import { errorCodes } from './error-codes.ts'
import { isExcepted } from './exceptions.ts'
import { fileNames } from './file-names.ts'
import { generatedFiles } from './generated-files.ts'
import { layers } from './layers.ts'
import { links } from './links.ts'
import { sizes } from './sizes.ts'
import { type Rule, sourceTree } from './source-tree.ts'
import { unusedExports } from './unused-exports.ts'

type Files = Readonly<Record<string, string>>

/** `path:line` of everything the rule finds in a tree of these files. */
function found(rule: Rule, files: Files): string[] {
  const tree = sourceTree(Object.keys(files), (path) => files[path] ?? '')
  return rule(tree).map(({ path, line }) => `${path}:${line}`)
}

t.test('layers: a folder imports rows above its own, through their doors', async (t) => {
  const importing = (path: string, target: string): string[] =>
    found(layers, { [path]: `import { x } from '${target}'` })
  t.same(importing('storage/a.ts', '../base/clock.ts'), [])
  t.same(importing('base/a.ts', '../machinery/object.ts'), ['base/a.ts:1'], 'never from below')
  t.same(importing('storage/a.ts', '../providers/provider.ts'), ['storage/a.ts:1'], 'never from a sibling')
  t.same(importing('apiserver/http/a.ts', '../../storage/storage.ts'), [], 'a door is open')
  t.same(importing('apiserver/http/a.ts', '../../storage/watch-cache.ts'), ['apiserver/http/a.ts:1'], 'a wall is not')
  t.same(importing('apiserver/a.ts', '../providers/provider.ts'), ['apiserver/a.ts:1'], 'the table names what is seen')
  t.same(importing('kinds/a/kind.ts', '../../apiserver/registry/kind.ts'), [])
  t.same(importing('syncer/a.ts', '../cmd/wire.ts'), ['syncer/a.ts:1'], 'nobody imports cmd')
  t.same(importing('syncer/a.ts', '../test/support/peers.ts'), ['syncer/a.ts:1'], 'test/ is never imported')
  t.same(importing('cmd/wire.ts', '../storage/embedded/engine-lmdb.ts'), [], 'cmd sees everything')
  t.same(importing('syncer/a.test.ts', '../cmd/wire.ts'), [], 'tests may look anywhere')
  const typed = { 'syncer/a.ts': "import type { Spec } from '../kinds/external-secret/v1.ts'" }
  t.same(found(layers, typed), [], 'the syncer takes the types of kinds')
  t.same(importing('syncer/a.ts', '../kinds/external-secret/v1.ts'), ['syncer/a.ts:1'], 'and nothing else of them')
})

t.test('cycles: files that import each other in a ring', async (t) => {
  const ring = {
    'base/a.ts': "import { b } from './b.ts'",
    'base/b.ts': "import type { C } from './c.ts'",
    'base/c.ts': "export { a } from './a.ts'",
  }
  t.equal(found(cycles, ring).length, 1)
  t.same(found(cycles, { ...ring, 'base/c.ts': '' }), [])
})

t.test('sizes: files, functions, lines, parameters and folders have limits', async (t) => {
  t.same(found(sizes, { 'base/a.ts': 'a()\n'.repeat(401) }), ['base/a.ts:1'])
  t.same(found(sizes, { 'base/a.ts': 'a()\n'.repeat(400) }), [])
  t.same(found(sizes, { 'base/a.ts': `function a() {\n${'b()\n'.repeat(59)}}` }), ['base/a.ts:1'])
  t.same(found(sizes, { 'base/a.ts': `function a() {\n${'b()\n'.repeat(58)}}` }), [])
  t.same(found(sizes, { 'base/a.ts': `\na('${'x'.repeat(120)}')` }), ['base/a.ts:2'])
  t.same(found(sizes, { 'base/a.ts': 'const a = (b: 1, c: 2, d: 3, e: 4) => {}' }), ['base/a.ts:1'])
  const folder = (count: number): Files =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`base/a${index}.ts`, '']))
  t.same(found(sizes, { ...folder(14), 'base/errors.ts': '', 'base/a.test.ts': '' }), [])
  t.equal(found(sizes, folder(15)).length, 1)
})

t.test('banned text: what the guide forbids, each with its replacement, but not inside literals', async (t) => {
  const banned = [
    'console.log(1)',
    'Date.now()',
    'new Date()',
    'Math.random()',
    'setTimeout(f, 1)',
    'const a = b as any',
    '// @ts-ignore',
    'export default 1',
    '// TODO: later',
    '// FIXME',
    'process.env.HOME',
  ]
  for (const text of banned) t.same(found(bannedText, { 'base/a.ts': `\n${text}` }), ['base/a.ts:2'], text)
  t.same(found(bannedText, { 'base/a.ts': "const a = 'console.log'\nconst b = /Date.now/" }), [])
  const slept = 'await systemClock.sleep(1)'
  t.same(found(bannedText, { 'base/a.ts': slept, 'base/a.test.ts': slept }), ['base/a.test.ts:1'])
  t.same(found(bannedText, { 'cmd/options.ts': 'process.env.HOME', 'base/clock.ts': 'Date.now()' }), [])
})

t.test('file names: kebab case, and named after a thing', async (t) => {
  t.same(found(fileNames, { 'base/utils.ts': '', 'base/WorkQueue.ts': '' }), ['base/utils.ts:1', 'base/WorkQueue.ts:1'])
  t.same(found(fileNames, { 'base/work-queue.ts': '', 'base/work-queue.test.ts': '', 'kinds/catalog.gen.ts': '' }), [])
})

t.test('error codes: each has its line in docs/errors.md', async (t) => {
  const files = { 'storage/errors.ts': "export type StorageErrorCode =\n  | 'conflict'\n  | 'full'" }
  t.same(found(errorCodes, { ...files, 'docs/errors.md': '| `conflict` | ... |' }), ['storage/errors.ts:3'])
  t.same(found(errorCodes, { ...files, 'docs/errors.md': '| `conflict` | a |\n| `full` | b |' }), [])
})

t.test('links: Markdown leads to files that exist', async (t) => {
  const text = '[a](../base/a.ts) [b](gone.md) [c](https://example.com) `base/gone.ts` `base/` `other/x.ts`'
  t.same(found(links, { 'docs/a.md': text, 'base/a.ts': '' }), ['docs/a.md:1', 'docs/a.md:1'])
})

t.test('unused exports: what nobody imports is not exported', async (t) => {
  const files = { 'base/a.ts': 'export const a = 1\nexport function b() {}', 'base/b.ts': "import { a } from './a.ts'" }
  t.same(found(unusedExports, files), ['base/a.ts:2'])
  const seam = 'interface A {}\nexport interface B {}\nexport function c(): B {}'
  const user = "import { c } from './a.ts'"
  t.same(
    found(unusedExports, { 'base/a.ts': seam, 'base/b.ts': user }),
    [],
    'a type of a signature is part of the seam',
  )
  t.same(found(unusedExports, { ...files, 'base/c.ts': "import * as all from './a.ts'" }), [])
})

t.test('generated files: each is what a fresh generation gives', async (t) => {
  const root = t.testdir({ 'same.gen.ts': 'a', 'edited.gen.ts': 'b' })
  const fresh = ['same.gen.ts', 'edited.gen.ts', 'missing.gen.ts'].map((path) => ({ path, text: 'a' }))
  t.same(
    generatedFiles(root, fresh).map(({ path }) => path),
    ['edited.gen.ts', 'missing.gen.ts'],
  )
})

t.test('exceptions pass only what they name', async (t) => {
  const finding = { line: 1, reason: 'nobody imports x', replacement: '' }
  t.ok(isExcepted({ ...finding, path: 'machinery/object.ts', rule: 'unused-exports' }))
  t.notOk(isExcepted({ ...finding, path: 'machinery/object.ts', rule: 'sizes' }))
})
