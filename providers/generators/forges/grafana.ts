import { randomUUID } from 'node:crypto'
import { ProviderError } from '../../errors.ts'
import type { ApiAnswer } from '../api/api-answer.ts'
import { apiAddress, apiAnswer, basicAuth, type ApiCall } from '../api/api-call.ts'
import { textEntries, type GenerateContext, type Generator } from '../generator.ts'
import type { GrafanaSpec } from '../schemas/forges.ts'

/** A new token of a service account at every call. It stays for `secondsToLive`: see docs/providers/generators.md. */
export const grafanaGenerator: Generator<GrafanaSpec> = {
  async generate(spec, context) {
    const call = await caller(spec, context)
    const account = (await accountNamed(spec, call)) ?? (await newAccount(spec, call))
    const { secondsToLive } = spec.serviceAccount
    const token = await call({
      purpose: 'unable to make a token of the service account',
      method: 'POST',
      path: `/api/serviceaccounts/${account.number('id')}/tokens`,
      body: { json: { name: randomUUID(), ...(secondsToLive !== undefined && { secondsToLive }) } },
    })
    return textEntries({ login: account.text('login'), token: token.text('key') })
  },
}

type Call = Pick<ApiCall, 'purpose' | 'method' | 'body'> & { readonly path: string }

type Caller = (call: Call) => Promise<ApiAnswer>

async function caller(spec: GrafanaSpec, context: GenerateContext): Promise<Caller> {
  const address = apiAddress(spec.url, 'url')
  const headers = { authorization: await authorization(spec, context) }
  return ({ path, ...call }) => apiAnswer({ ...call, url: new URL(address + path), headers }, context)
}

/** A token counts before a password. */
async function authorization({ auth: { token, basic } }: GrafanaSpec, { references }: GenerateContext) {
  if (token !== undefined) return `Bearer ${await references.secretKey(token)}`
  if (basic !== undefined) return basicAuth(basic.username, await references.secretKey(basic.password))
  throw new ProviderError('invalid-ref', 'auth has neither token nor basic')
}

/** The search finds parts of names and logins. */
async function accountNamed({ serviceAccount: { name } }: GrafanaSpec, call: Caller): Promise<ApiAnswer | undefined> {
  const found = await call({
    purpose: 'unable to look for the service account',
    method: 'GET',
    path: `/api/serviceaccounts/search?query=${encodeURIComponent(name)}`,
  })
  return found.members('serviceAccounts').find((account) => account.optionalText('name') === name)
}

function newAccount({ serviceAccount: { name, role } }: GrafanaSpec, call: Caller): Promise<ApiAnswer> {
  return call({
    purpose: 'unable to make the service account',
    method: 'POST',
    path: '/api/serviceaccounts',
    body: { json: { name, role } },
  })
}
