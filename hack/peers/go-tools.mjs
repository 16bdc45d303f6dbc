// Programs of other projects, compiled from the Go modules that the go.mod of a folder beside this file pins.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/**
 * Puts `<name>/<program>` into the cache; says why where it cannot. What is there with these pins stays. `linkerFlags`
 * follow from the pins; `withSources` calls back with the folder to build in and go's flag -mod; `finish` puts more
 * beside the programs.
 */
export function buildGoTools(cache, tools) {
  const { name, packages, linkerFlags = () => [], withSources = asPinned, finish = () => undefined } = tools
  const module = join(here, name)
  const folder = join(cache, name)
  const marker = join(folder, 'complete')
  const pins = readFileSync(join(module, 'go.mod'), 'utf8')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === pins) return
  const programs = Object.keys(packages).join(', ')
  if (!hasGo()) {
    process.stderr.write(`${programs}: Go is needed; nothing was built\n`)
    return
  }
  process.stderr.write(`==> building ${programs}: some minutes the first time\n`)
  rmSync(marker, { force: true })
  mkdirSync(folder, { recursive: true })
  try {
    withSources(module, (sources) => {
      for (const [program, path] of Object.entries(packages)) {
        compile(join(folder, program), { path, sources, linkerFlags: linkerFlags(pins) })
      }
    })
    finish(module, folder)
    writeFileSync(marker, pins)
  } catch {
    process.stderr.write(`${programs}: could not be built; what is needed beside Go is the module proxy\n`)
  }
}

function asPinned(module, use) {
  use({ folder: module, mod: 'readonly' })
}

function hasGo() {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Several checkouts may build at once: each into a file of its own, moved into place whole. */
function compile(program, { path, sources, linkerFlags }) {
  const partial = `${program}.${process.pid}`
  const linking = ['-ldflags', ['-s', '-w', ...linkerFlags].join(' ')]
  const flags = ['-trimpath', `-mod=${sources.mod}`, '-buildvcs=false', ...linking]
  execFileSync('nice', ['go', 'build', ...flags, '-o', partial, path], {
    cwd: sources.folder,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  renameSync(partial, program)
}
