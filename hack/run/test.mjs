// `npm test`: installs, builds and runs every test that needs no cluster; `npm test -- test/cluster` those that start
// one; `npm test -- storage` only those whose path has the word.
// Failures are printed whole, skips with their reasons; the last line counts: `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { prepare, root, step } from './prepare.mjs'
import { TapSummary } from './tap-summary.mjs'

function testFiles(words) {
  const all = readdirSync(join(root, 'dist'), { recursive: true })
    .filter((path) => path.endsWith('.test.js'))
    .map((path) => join('dist', path))
    .sort((left, right) => Number(isLong(right)) - Number(isLong(left)) || left.localeCompare(right))
  return words.length === 0
    ? all.filter((path) => !isOfClusters(path))
    : all.filter((path) => words.some((word) => path.includes(word.replace(/\.ts$/, '.js'))))
}

/** Each with a control plane of its own: as long again as all the others, so they have a run of their own. */
function isOfClusters(path) {
  return path.startsWith(join('dist', 'test', 'cluster'))
}

/** Those with processes of their own begin, so that no core is idle while the last of them ends. */
function isLong(path) {
  return path.startsWith(join('dist', 'test'))
}

/** Runs tap over compiled files and answers its exit code with the counts. */
async function runTap(files) {
  const args = ['node_modules/tap/dist/esm/run.mjs', '--reporter=tap', '--disable-coverage', '--allow-empty-coverage']
  const child = spawn(process.execPath, [...args, '--jobs=2', '--timeout=240', ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)))
  const summary = new TapSummary((text) => process.stdout.write(`${text}\n`))
  for await (const line of createInterface({ input: child.stdout })) summary.line(line)
  return { code: await ended, summary }
}

/** Runs the tests whose path has one of the words (all without words); answers whether all is well. */
export async function test(words) {
  const files = testFiles(words)
  step(`running ${files.length} test files`)
  if (words.length === 0) step('test/cluster has a run of its own: npm test -- test/cluster')
  const { code, summary } = await runTap(files)
  for (const skip of summary.skips) process.stdout.write(`skipped: ${skip}\n`)
  process.stdout.write(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped\n`)
  return code === 0 && summary.failed === 0 && summary.passed > 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await prepare()
  process.exitCode = (await test(process.argv.slice(2))) ? 0 : 1
}
