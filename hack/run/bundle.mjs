// Joins the compiled program to the few files that are shipped and started: a start reads a hundred of them less than a
// thousand (docs/decisions/0033). Packages stay packages: what is installed is what the lockfile names.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './whole-file.mjs'

/** The programs, and what a program starts as a thread, beside the part that starts it. */
const entryPoints = ['cmd/main.js', 'cmd/kubectl/kubectl-eso.js', 'syncer/render/heavy/render-worker.js']

/** Of the compiled files of `outDir`. Entry points are written last: who starts one finds its parts. */
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
  const isEntry = ({ path }) => entryPoints.some((entry) => path.endsWith(entry.slice(entry.lastIndexOf('/'))))
  const inOrder = [...outputFiles].sort((left, right) => Number(isEntry(left)) - Number(isEntry(right)))
  for (const { path, text } of inOrder) writeWhole(path, text)
  const written = new Set(outputFiles.map(({ path }) => path))
  for (const name of readdirSync(target)) if (!written.has(join(target, name))) rmSync(join(target, name))
}
