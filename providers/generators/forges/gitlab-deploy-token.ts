import { isJsonObject } from '../../../machinery/json/member.ts'
import { formatTime } from '../../../machinery/time.ts'
import { ProviderError } from '../../errors.ts'
import { apiAddress, apiAnswer, apiRemoval, pathSegment } from '../api/api-call.ts'
import { textEntries, type LastingGenerator } from '../generator.ts'
import type { GitlabDeployTokenSpec } from '../schemas/forges.ts'

/** A new deploy token at every call, until it is given back. */
export const gitlabDeployTokenGenerator: LastingGenerator<GitlabDeployTokenSpec> = {
  async make(spec, context) {
    const url = new URL(tokensPath(spec))
    const token = await context.references.secretKey(spec.auth.token.secretRef)
    const answer = await apiAnswer(
      {
        purpose: 'unable to make a deploy token of GitLab',
        method: 'POST',
        url,
        headers: { 'private-token': token },
        body: { json: wishOf(spec) },
      },
      context,
    )
    const values = textEntries({ username: answer.text('username'), token: answer.text('token') })
    const tokenID = answer.optionalNumber('id')
    return { values, ...(tokenID !== undefined && { state: { ...placeOf(spec), tokenID } }) }
  },

  /** Where it was made, whatever the generator says by now. */
  async giveBack({ auth }, state, context) {
    const { tokenID, ...place } = tokenOf(state)
    const url = new URL(`${tokensPath(place)}/${tokenID}`)
    const headers = { 'private-token': await context.references.secretKey(auth.token.secretRef) }
    await apiRemoval({ purpose: 'unable to delete a deploy token of GitLab', method: 'DELETE', url, headers }, context)
  },
}

interface TokenPlace {
  readonly url?: string
  readonly projectID?: string
  readonly groupID?: string
}

function placeOf({ url = '', projectID = '', groupID = '' }: GitlabDeployTokenSpec) {
  return { url, ...(projectID !== '' && { projectID }), ...(groupID !== '' && { groupID }) }
}

function tokensPath({ url, projectID = '', groupID = '' }: TokenPlace): string {
  const address = apiAddress(url || 'https://gitlab.com', 'url')
  if ((projectID === '') === (groupID === '')) {
    throw new ProviderError('invalid-ref', 'exactly one of projectID or groupID must be set')
  }
  const owner =
    projectID === '' ? `groups/${pathSegment(groupID, 'groupID')}` : `projects/${pathSegment(projectID, 'projectID')}`
  return `${address}/api/v4/${owner}/deploy_tokens`
}

function wishOf({ name, scopes, username = '', expiresAt }: GitlabDeployTokenSpec) {
  return {
    name,
    scopes,
    ...(username !== '' && { username }),
    ...(expiresAt !== undefined && { expires_at: formatTime(Date.parse(expiresAt)) }),
  }
}

function tokenOf(state: unknown): TokenPlace & { readonly tokenID: number } {
  const { url, projectID, groupID, tokenID } = isJsonObject(state) ? state : {}
  if (!Number.isSafeInteger(tokenID)) throw new ProviderError('invalid-ref', 'state names no deploy token: no tokenID')
  return {
    tokenID: Number(tokenID),
    ...(typeof url === 'string' && { url }),
    ...(typeof projectID === 'string' && { projectID }),
    ...(typeof groupID === 'string' && { groupID }),
  }
}
