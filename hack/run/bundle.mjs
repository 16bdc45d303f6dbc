// Joins the compiled program to the few files that are shipped and started (docs/decisions/0033). Packages stay
// packages: what is installed is what the lockfile names.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { writeWhole } from './whole-file.mjs'

/** The programs, and what a program starts as a thread, beside the part that starts it. */
const entryPoints = ['cmd/kubectl/kubectl-eso.js', 'syncer/render/heavy/render-worker.js', 'cmd/main.js']

/** Of the compiled files of `outDir`. Parts are written first, who starts something finds them; main.js is the last. */
export async function bundle(outDir) {
  const { build } = await import('esbuild')
  const target = join(outDir, 'bundle')
  const { outputFiles } = await build({
    entryPoints: entryPoints.map((path) => join(outDir, path)),
    outdir: target,
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  })
  mkdirSync(target, { recursive: true })
  const names = entryPoints.map((path) => basename(path))
  const rank = ({ path }) => names.indexOf(basename(path))
  const inOrder = [...outputFiles].sort((left, right) => rank(left) - rank(right))
  for (const { path, text } of inOrder) writeWhole(path, text)
  const written = new Set(outputFiles.map(({ path }) => path))
  for (const name of readdirSync(target)) if (!written.has(join(target, name))) rmSync(join(target, name))
}
