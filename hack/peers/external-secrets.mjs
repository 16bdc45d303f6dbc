// External Secrets Operator and its CRDs, from the Go module that external-secrets/go.mod pins. No test needs it:
// `npm run bench -- --only sync` measures ours beside it.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildGoTools } from './go-tools.mjs'

const path = 'github.com/external-secrets/external-secrets'

export function buildExternalSecrets(cache) {
  const packages = { 'external-secrets': path }
  buildGoTools(cache, { name: 'external-secrets', packages, withSources: withOneProvider, finish: copyResources })
}

/**
 * Everything as it is, but for the lists of its providers and generators, each of which brings the clients of another
 * vendor: in ours there is the provider that is measured. It halves the number of packages.
 */
const lists = {
  'pkg/provider/register/register.go': `package register\n\nimport _ "${path}/pkg/provider/vault"\n`,
  'pkg/generator/register/register.go': 'package register\n',
}

function withOneProvider(module, use) {
  const folder = mkdtempSync(join(tmpdir(), 'external-secrets-'))
  try {
    for (const file of ['go.mod', 'go.sum']) copyFileSync(join(module, file), join(folder, file))
    execFileSync('go', ['mod', 'vendor'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    for (const [file, text] of Object.entries(lists)) writeFileSync(join(folder, 'vendor', path, file), text)
    use({ folder, mod: 'vendor' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function copyResources(module, folder) {
  const source = execFileSync('go', ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', path], { cwd: module })
  const from = join(String(source).trim(), 'config/crds/bases')
  const to = join(folder, 'crds')
  // The files of a module are read-only, and so are copies of them: those of another version are removed first.
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to)
  for (const file of readdirSync(from)) copyFileSync(join(from, file), join(to, file))
}
