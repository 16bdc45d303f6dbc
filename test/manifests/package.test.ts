import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { programWords } from '../support/program.ts'

const root = join(import.meta.dirname, '../../..')

interface Packed {
  readonly files: readonly { readonly path: string }[]
}

/** Of the checkout; a server that was started there left its `data` beside them. */
function foldersInGit(): readonly string[] {
  const ignored = readFileSync(join(root, '.gitignore'), 'utf8').split('\n')
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => !ignored.includes(`${name}/`) && !ignored.includes(`/${name}/`))
}

t.test('the package holds the program and nothing that tests or builds it', (t) => {
  const packing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [packed] = JSON.parse(packing) as readonly Packed[]
  const paths = (packed?.files ?? []).map(({ path }) => path)
  const folders = new Set(paths.map((path) => path.replace(/[^/]+$/, '').replace(/^examples\/.*/, 'examples/')))
  t.strictSame([...folders].sort(), ['', 'dist/bundle/', 'examples/'])
  t.strictSame(paths.filter((path) => !path.includes('/')).sort(), ['LICENSE', 'README.md', 'package.json'])
  const programs = ['main.js', 'kubectl-eso.js', 'render-worker.js']
  for (const program of programs) t.ok(paths.includes(`dist/bundle/${program}`))
  const inBundle = paths.filter((path) => path.startsWith('dist/bundle/'))
  for (const path of inBundle) t.notMatch(readFileSync(join(root, path), 'utf8'), /from ['"](tap|esbuild)['"]/)
  const version = execFileSync(process.execPath, [...programWords, 'version'], { encoding: 'utf8' })
  t.match(version, /^\d+\.\d+\.\d+/)
  t.end()
})

t.test('the image: no shell, nobody, exact tags, what the build needs, and started as a shell would', (t) => {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n')
  const stages = lines.filter((line) => line.startsWith('FROM '))
  t.match(stages[0], /^FROM node:\d+\.\d+\.\d+-[a-z]+-slim AS build$/)
  t.equal(stages.at(-1), 'FROM scratch')
  const last = lines.slice(lines.indexOf('FROM scratch'))
  t.notOk(last.some((line) => line.startsWith('RUN ')))
  t.ok(last.includes('USER 65532:65532'))
  const flags = programWords.slice(0, -1)
  const entryPoint = ['/usr/local/bin/node', ...flags, '/app/dist/bundle/main.js']
  t.ok(last.includes(`ENTRYPOINT [${entryPoint.map((word) => `"${word}"`).join(', ')}]`))
  t.match(flags, [/^--max-semi-space-size=\d+$/])
  const sent = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const kept = ['docs', 'manifests', 'test']
  for (const name of foldersInGit()) t.equal(sent.includes(`!${name}`), !kept.includes(name), name)
  t.end()
})
