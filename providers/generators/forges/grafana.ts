import { randomUUID } from 'node:crypto'
import { isJsonObject } from '../../../machinery/json/member.ts'
import { ProviderError } from '../../errors.ts'
import type { ApiAnswer } from '../api/api-answer.ts'
import { apiAddress, apiAnswer, apiRemoval, basicAuth, type ApiCall } from '../api/api-call.ts'
import { textEntries, type GenerateContext, type LastingGenerator } from '../generator.ts'
import type { GrafanaSpec } from '../schemas/forges.ts'

/** A new token of a service account at every call, until it is given back. The service account stays, as in ESO. */
export const grafanaGenerator: LastingGenerator<GrafanaSpec> = {
  async make(spec, context) {
    const request = await requester(spec, context)
    const call = (one: Call): Promise<ApiAnswer> => apiAnswer(request(one), context)
    const account = (await accountNamed(spec, call)) ?? (await newAccount(spec, call))
    // Whatever the answers may lack is found out before there is a token.
    const [id, login] = [account.number('id'), account.text('login')]
    const { secondsToLive } = spec.serviceAccount
    const token = await call({
      purpose: 'unable to make a token of the service account',
      method: 'POST',
      path: `/api/serviceaccounts/${id}/tokens`,
      body: { json: { name: randomUUID(), ...(secondsToLive !== undefined && { secondsToLive }) } },
    })
    const values = textEntries({ login, token: token.text('key') })
    const tokenID = token.optionalNumber('id')
    return { values, ...(tokenID !== undefined && { state: { serviceAccount: { id, tokenID } } }) }
  },

  async giveBack(spec, state, context) {
    const { id, tokenID } = tokenOf(state)
    const request = await requester(spec, context)
    const purpose = 'unable to delete the token of the service account'
    const path = `/api/serviceaccounts/${id}/tokens/${tokenID}`
    await apiRemoval(request({ purpose, method: 'DELETE', path }), context)
  },
}

type Call = Pick<ApiCall, 'purpose' | 'method' | 'body'> & { readonly path: string }

type Caller = (call: Call) => Promise<ApiAnswer>

async function requester(spec: GrafanaSpec, context: GenerateContext): Promise<(call: Call) => ApiCall> {
  const address = apiAddress(spec.url, 'url')
  const headers = { authorization: await authorization(spec, context) }
  return ({ path, ...call }) => ({ ...call, url: new URL(address + path), headers })
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

/** ESO keeps the login beside the ids; it stands in the Secret, so it does not stand here. */
function tokenOf(state: unknown): { readonly id: number; readonly tokenID: number } {
  const account = isJsonObject(state) ? state['serviceAccount'] : undefined
  const { id, tokenID } = isJsonObject(account) ? account : {}
  if (Number.isSafeInteger(id) && Number.isSafeInteger(tokenID)) return { id: Number(id), tokenID: Number(tokenID) }
  throw new ProviderError('invalid-ref', 'state.serviceAccount names no token: it needs id and tokenID')
}
