import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { decodeYaml } from '../../machinery/yaml.ts'
import { peerPath } from '../support/peers.ts'
import { type Json, listOf } from '../support/api-client.ts'

const root = join(import.meta.dirname, '../../..')

/** The objects that `kubectl apply -k` would apply. */
export function kustomized(folder: string): readonly Json[] {
  return objectsOf(execFileSync(peerPath('kubectl-v35'), ['kustomize', join(root, 'manifests', folder)], text))
}

/** The objects that `helm install` would make in the namespace external-secrets. */
export function charted(helm: 'helm-v3' | 'helm-v4', values: readonly string[] = []): readonly Json[] {
  const settings = values.flatMap((value) => ['--set', value])
  const args = ['template', 'release', chartFolder, '--namespace', 'external-secrets', ...settings]
  return objectsOf(execFileSync(peerPath(helm), args, text))
}

export const chartFolder = join(root, 'manifests/chart')

const text = { encoding: 'utf8' } as const

function objectsOf(documents: string): readonly Json[] {
  return documents
    .split(/^---$/m)
    .filter((document) => /^kind:/m.test(document))
    .map((document) => decodeYaml(document) as unknown as Json)
}

export function nameOf(object: Json): string {
  const { name, namespace } = object['metadata'] as unknown as { readonly name: string; readonly namespace?: string }
  return `${String(object['kind'])} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

export function find(objects: readonly Json[], name: string): Json {
  const found = objects.find((object) => nameOf(object) === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

/** One line for each rule and each binding, as people read them, and for what adds a role to others. */
export function rightsIn(objects: readonly Json[]): readonly string[] {
  return objects.flatMap((object) => [...rulesOf(object), ...gatheredBy(object), ...subjectsOf(object)]).sort()
}

/** One line for each way that a NetworkPolicy opens. */
export function waysIn(objects: readonly Json[]): readonly string[] {
  return objects
    .filter(({ kind }) => String(kind) === 'NetworkPolicy')
    .flatMap(waysOf)
    .sort()
}

function waysOf(policy: Json): readonly string[] {
  const { spec } = policy
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    if (
      !listOf(spec?.['policyTypes'])
        .map((type) => String(type).toLowerCase())
        .includes(direction)
    )
      return []
    const pods = `${direction} of ${JSON.stringify(spec?.['podSelector'])}`
    const rules = listOf(spec?.[direction])
    if (rules.length === 0) return [`${pods}: none`]
    return rules.map((rule) => {
      const peers = listOf(rule[direction === 'ingress' ? 'from' : 'to']).map((peer) => JSON.stringify(peer))
      const ports = listOf(rule['ports']).map(({ protocol, port }) => `${String(protocol)} ${String(port)}`)
      return `${pods}: ${ports.join(', ') || 'every port'}, ${peers.join(', ') || 'everybody'}`
    })
  })
}

function rulesOf(role: Json): readonly string[] {
  return listOf(role['rules']).flatMap((rule) => {
    const words = (member: string): readonly string[] => listOf(rule[member]).map(String)
    const named = words('resourceNames')
    const where = named.length === 0 ? '' : ` named ${named.join(', ')}`
    const paths = words('nonResourceURLs').map((path) => `${nameOf(role)}: ${words('verbs').join(', ')} ${path}`)
    return [
      ...paths,
      ...words('apiGroups').flatMap((group) =>
        words('resources').map(
          (resource) => `${nameOf(role)}: ${words('verbs').join(', ')} ${group || 'core'}/${resource}${where}`,
        ),
      ),
    ]
  })
}

const gathering = 'rbac.authorization.k8s.io/aggregate-to-'

/** With such a label a ClusterRole gives what it has to others; with an aggregationRule it has what others have. */
function gatheredBy(role: Json): readonly string[] {
  const labels = Object.keys(role['metadata']?.['labels'] ?? {}).filter((label) => label.startsWith(gathering))
  const added = labels.map((label) => `${nameOf(role)}: added to ${label.slice(gathering.length)}`)
  return 'aggregationRule' in role ? [...added, `${nameOf(role)}: has what it selects`] : added
}

function subjectsOf(binding: Json): readonly string[] {
  const role = binding['roleRef']
  return listOf(binding['subjects']).map(
    (subject) =>
      `${nameOf(binding)}: ${String(role?.['kind'])} ${String(role?.['name'])} to ` +
      `${String(subject['kind'])} ${String(subject['namespace'])}/${String(subject['name'])}`,
  )
}
