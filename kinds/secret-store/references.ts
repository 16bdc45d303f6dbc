import type { Reference } from '../../apiserver/registry/kind.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { KubeObject } from '../../machinery/object.ts'

/**
 * The Secrets and ServiceAccounts that the provider is told to log in with, found by their form: every provider has
 * selectors of the same sorts. What a ClusterSecretStore looks up in the namespace of its consumer is nobody's yet.
 */
export function references(object: KubeObject): readonly Reference[] {
  const { spec, metadata } = object
  const provider = isJsonObject(spec) ? spec['provider'] : undefined
  return selectorsIn(provider, '').flatMap(({ right, selector }) => {
    const namespace = object.kind === 'SecretStore' ? metadata.namespace : selector['namespace']
    if (typeof namespace !== 'string') return []
    return [{ ...right, group: '', namespace, name: selector.name, asked: 'strict' as const }]
  })
}

interface Found {
  readonly right: { readonly verb: string; readonly resource: string; readonly subresource?: string }
  readonly selector: Selector
}

type Selector = Readonly<Record<string, unknown>> & { readonly name: string }

const token = { verb: 'create', resource: 'serviceaccounts', subresource: 'token' }
const read = { verb: 'get', resource: 'secrets' }

function selectorsIn(value: unknown, member: string): readonly Found[] {
  if (Array.isArray(value)) return value.flatMap((each) => selectorsIn(each, member))
  if (!isJsonObject(value)) return []
  if (isSelector(value)) {
    if (/serviceAccount(Ref)?$/i.test(member)) return [{ right: token, selector: value }]
    if (value['type'] !== 'ConfigMap' && isSecretMember(member)) return [{ right: read, selector: value }]
  }
  return Object.entries(value).flatMap(([name, each]) => selectorsIn(each, name))
}

function isSelector(value: Readonly<Record<string, unknown>>): value is Selector {
  return typeof value['name'] === 'string' && value['name'] !== ''
}

/** As the selectors of all providers are called: `secretRef`, `authRef`, `clientKey`, `bearerToken`, `caProvider`. */
function isSecretMember(member: string): boolean {
  return /(Ref|Provider|Token|Cert|Key|secret)$/i.test(member)
}
