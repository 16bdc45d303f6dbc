import { badRequest } from '../../machinery/status-errors.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import { refusal } from '../authorization/refusal.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import type { Authenticator, Credentials } from './authenticator.ts'
import { extraOf } from './extra-headers.ts'
import { anonymous, withAuthenticatedGroup } from './union.ts'

const prefix = 'impersonate-'
const extraPrefix = `${prefix}extra-`

/**
 * `kubectl --as`: a client that may impersonate is taken for the other from here on, with nothing of its own
 * (k8s.io/apiserver/pkg/endpoints/filters/impersonation.go). Passing over the headers would answer with rights that the
 * client has just laid down.
 */
export function impersonation(authenticate: Authenticator, authorize: Authorizer): Authenticator {
  return (credentials) => {
    const wishes = credentials.headerNames().some((name) => name.startsWith(prefix))
    return wishes ? become(credentials, { authenticate, authorize }) : authenticate(credentials)
  }
}

/** Who really asks, where somebody acts as another; known as soon as authentication knows, whatever follows. */
export function impersonatorOf(credentials: Credentials): UserInfo | undefined {
  return impersonators.get(credentials)
}

const impersonators = new WeakMap<Credentials, UserInfo>()

interface Judges {
  readonly authenticate: Authenticator
  readonly authorize: Authorizer
}

async function become(credentials: Credentials, { authenticate, authorize }: Judges): Promise<UserInfo | 'refused'> {
  const self = await authenticate(credentials)
  if (self === undefined || self === 'refused') return 'refused'
  impersonators.set(credentials, self)
  const wanted = wantedUser(credentials)
  for (const info of actsOf(wanted)) {
    const decision = await authorize(self, info)
    if (decision.verdict !== 'allow') throw refusal(self, info, decision.reason)
  }
  return complete(wanted)
}

/** As the headers say it, before the groups that follow from the name. */
function wantedUser(credentials: Credentials): UserInfo {
  const { header } = credentials
  const [name] = header(`${prefix}user`)
  const [uid] = header(`${prefix}uid`)
  if (!name)
    throw badRequest('impersonation of groups, a UID or extra values needs a user: Impersonate-User is missing')
  const extra = extraOf(credentials, [extraPrefix])
  return { name, ...(uid && { uid }), groups: header(`${prefix}group`), extra }
}

/** What the client must be allowed to do: `impersonate` each part of the other. */
function actsOf({ name, uid, groups, extra }: UserInfo): readonly RequestInfo[] {
  const account = accountOf(name)
  return [
    account === undefined ? act('users', name) : { ...act('serviceaccounts', account.name), ...account },
    ...groups.map((group) => act('groups', group)),
    ...(uid === undefined ? [] : [{ ...act('uids', uid), ...identityGroup }]),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((value) => ({ ...act('userextras', value), ...identityGroup, subresource })),
    ),
  ]
}

const identityGroup = { group: 'authentication.k8s.io', version: 'v1' }

function act(resource: string, name: string): RequestInfo {
  const place = { group: '', version: 'v1', subresource: '', namespace: '' }
  return { isResourceRequest: true, path: '', verb: 'impersonate', ...place, resource, name }
}

function accountOf(userName: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(userName) ?? []
  return namespace === undefined || name === undefined ? undefined : { namespace, name }
}

function complete(wanted: UserInfo): UserInfo {
  const account = accountOf(wanted.name)
  const followsFromName = wanted.groups.length === 0 && account !== undefined
  const groups = followsFromName
    ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`]
    : wanted.groups
  if (wanted.name === anonymous.name) return { ...wanted, groups: [...new Set([...groups, ...anonymous.groups])] }
  return withAuthenticatedGroup({ ...wanted, groups })
}
