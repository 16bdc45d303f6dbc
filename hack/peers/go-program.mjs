import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'external-secrets-apiserver')

/** Where the program of this folder (main.go, go.mod, go.sum) is when it has been built from what they hold now. */
function pathOf(name, source) {
  const hash = createHash('sha256')
  for (const file of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(source, file)))
  return join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`)
}

/** Answers `{ path }`, or `{ reason }` where it is not there. */
export function findGoProgram(name, source) {
  const path = pathOf(name, source)
  return existsSync(path) ? { path } : { reason: `${name} is not here: npm run peers builds it where Go is` }
}

/** Builds it once; answers `{ path }`, or `{ reason }` where Go or its module proxy is missing. */
export function buildGoProgram(name, source) {
  const path = pathOf(name, source)
  if (existsSync(path)) return { path }
  if (spawnSync('go', ['version']).status !== 0) return { reason: 'go is not here' }
  mkdirSync(cache, { recursive: true })
  const partial = `${path}.${process.pid}`
  const env = { ...process.env, CGO_ENABLED: '0' }
  const result = spawnSync('nice', ['go', 'build', '-trimpath', '-buildvcs=false', '-o', partial, '.'], {
    cwd: source,
    env,
  })
  if (result.status !== 0) return { reason: `go could not build ${name}: its modules are not here` }
  renameSync(partial, path)
  return { path }
}
