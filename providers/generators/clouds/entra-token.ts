import { ProviderError } from '../../errors.ts'
import type { ServiceAccountSelector } from '../../references.ts'
import { apiAnswer, pathSegment } from '../api/api-call.ts'
import type { GenerateContext } from '../generator.ts'
import type { AcrAccessTokenSpec } from '../schemas/clouds.ts'

/** A token of Entra ID for the management of the cloud, with the first of the ways that the spec names. */
export async function entraToken(spec: AcrAccessTokenSpec, context: GenerateContext): Promise<string> {
  const { servicePrincipal, managedIdentity, workloadIdentity } = spec.auth
  const cloud = cloudOf(spec)
  if (servicePrincipal !== undefined) return servicePrincipalToken(spec, cloud, context)
  if (managedIdentity !== undefined) return managedIdentityToken(managedIdentity.identityId ?? '', cloud, context)
  if (workloadIdentity === undefined) throw new ProviderError('invalid-ref', 'auth names no way to log in')
  if (workloadIdentity.serviceAccountRef !== undefined) {
    return workloadIdentityToken(workloadIdentity.serviceAccountRef, cloud, context)
  }
  const text = "the process's own Azure identity is not served yet; give auth.workloadIdentity.serviceAccountRef"
  throw new ProviderError('unsupported', text)
}

interface Cloud {
  readonly login: string
  /** Whose token it is. */
  readonly management: string
}

const clouds: ReadonlyMap<string, Cloud> = new Map([
  ['PublicCloud', { login: 'https://login.microsoftonline.com', management: 'https://management.azure.com' }],
  [
    'USGovernmentCloud',
    { login: 'https://login.microsoftonline.us', management: 'https://management.usgovcloudapi.net' },
  ],
  ['ChinaCloud', { login: 'https://login.chinacloudapi.cn', management: 'https://management.chinacloudapi.cn' }],
  ['GermanCloud', { login: 'https://login.microsoftonline.de', management: 'https://management.microsoftazure.de' }],
])

function cloudOf({ environmentType = 'PublicCloud' }: AcrAccessTokenSpec): Cloud {
  const cloud = clouds.get(environmentType)
  if (cloud !== undefined) return cloud
  throw new ProviderError('unsupported', `environmentType ${environmentType} is not served`)
}

async function servicePrincipalToken(spec: AcrAccessTokenSpec, cloud: Cloud, context: GenerateContext) {
  const { clientId = {}, clientSecret = {} } = spec.auth.servicePrincipal?.secretRef ?? {}
  const [id, secret] = [await context.references.secretKey(clientId), await context.references.secretKey(clientSecret)]
  const tenant = pathSegment(spec.tenantId ?? '', 'tenantId')
  // Ends of lines are forgiven, as in the original.
  return granted({ client_id: id.trim(), client_secret: secret.trim() }, { tenant, cloud, context })
}

/** The ServiceAccount's annotations say who it is there; a token of it is the proof. */
async function workloadIdentityToken(account: ServiceAccountSelector, cloud: Cloud, context: GenerateContext) {
  const { references } = context
  const annotations = await references.serviceAccountAnnotations(account)
  const annotation = (name: string) => {
    const value = annotations[`azure.workload.identity/${name}`] ?? ''
    if (value !== '') return value
    const text = `the ServiceAccount "${account.name}" has no annotation azure.workload.identity/${name}`
    throw new ProviderError('auth-failed', text)
  }
  const tenant = pathSegment(annotation('tenant-id'), 'azure.workload.identity/tenant-id')
  const client_id = annotation('client-id')
  const wish = { audiences: ['api://AzureADTokenExchange'], expirationSeconds: 3600 }
  const proof = {
    client_id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await references.serviceAccountToken(account, wish),
  }
  return granted(proof, { tenant, cloud, context })
}

interface GrantParts {
  readonly tenant: string
  readonly cloud: Cloud
  readonly context: GenerateContext
}

async function granted(proof: Readonly<Record<string, string>>, { tenant, cloud, context }: GrantParts) {
  const form = { grant_type: 'client_credentials', ...proof, scope: `${cloud.management}/.default` }
  const url = new URL(`${cloud.login}/${tenant}/oauth2/v2.0/token`)
  const answer = await apiAnswer({ purpose, method: 'POST', url, body: { form } }, context)
  return answer.text('access_token')
}

/** From the metadata service of the machine: `--provider-allow-networks` has to name its network. */
async function managedIdentityToken(identity: string, cloud: Cloud, context: GenerateContext) {
  const url = new URL('http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01')
  url.searchParams.set('resource', cloud.management)
  // The path of a resource, or the client ID of an identity; neither is the identity of the machine.
  if (identity !== '') url.searchParams.set(identity.includes('/') ? 'msi_res_id' : 'client_id', identity)
  const answer = await apiAnswer({ purpose, method: 'GET', url, headers: { metadata: 'true' } }, context)
  return answer.text('access_token')
}

const purpose = 'unable to get a token of Entra ID'
