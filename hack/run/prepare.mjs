// What every command needs first: the packages of the lockfile and an up-to-date dist/. Installs only when the lockfile
// has changed since the last install here.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const stamp = join(root, 'node_modules', '.installed-lockfile')

/** Runs a program in the project's folder and answers its exit code. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}

export function step(text) {
  process.stderr.write(`==> ${text}\n`)
}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

async function install() {
  const hash = lockfileHash()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  step('installing packages (once; about half a minute)')
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    shell: process.platform === 'win32',
  })
  if (code !== 0) throw new Error(`npm ci ended with exit code ${code}`)
  writeFileSync(stamp, hash)
}

export async function prepare() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node 20.19 or newer is needed; this is ${process.versions.node}`)
  await install()
  const { build } = await import('./build.mjs')
  const compiled = await build()
  if (compiled > 0) step(`compiled ${compiled} files`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare()
