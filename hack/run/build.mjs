// Compiles every TypeScript file to dist/ (and copies .mjs), one by one and only where the source is newer, and makes
// dist/bundle of it. Types are checked by `npm run typecheck`: isolatedModules makes it safe to emit without them. It
// takes a second or two.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.mjs'
import { writeWhole } from './whole-file.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const outDir = join(root, 'dist')
const skipped = new Set(['node_modules', 'dist', '.git', '.tap', '.cache'])

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.(ts|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) yield path
  }
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function removeStale(folder, wanted) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (path === join(outDir, 'bundle')) continue
    if (entry.isDirectory()) removeStale(path, wanted)
    else if (/\.m?js$/.test(entry.name) && !wanted.has(path)) rmSync(path, { force: true })
  }
}

/** Brings dist/ up to date; answers how many files were compiled. */
export async function build() {
  const wanted = new Map()
  for (const source of sources(root)) {
    wanted.set(join(outDir, relative(root, source)).replace(/\.ts$/, '.js'), source)
  }
  const stale = [...wanted].filter(([target, source]) => modified(target) <= modified(source))
  if (stale.length > 0) {
    const { default: ts } = await import('typescript')
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
    // NodeNext would ask the package for its module type, which a single file cannot; every file here is ESM.
    const module = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }
    const compilerOptions = {
      ...options,
      ...module,
      incremental: false,
      tsBuildInfoFile: undefined,
      inlineSourceMap: true,
    }
    for (const [target, source] of stale) {
      const text = readFileSync(source, 'utf8')
      const compiled = () => ts.transpileModule(text, { compilerOptions, fileName: source }).outputText
      writeWhole(target, source.endsWith('.mjs') ? text : compiled())
    }
  }
  mkdirSync(outDir, { recursive: true })
  removeStale(outDir, wanted)
  // Also where the last build compiled and did not come to its end.
  const bundled = modified(join(outDir, 'bundle/main.js'))
  if ([...wanted.keys()].some((target) => modified(target) > bundled)) await bundle(outDir)
  return stale.length
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
