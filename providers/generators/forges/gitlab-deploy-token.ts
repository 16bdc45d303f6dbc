import { formatTime } from '../../../machinery/time.ts'
import { ProviderError } from '../../errors.ts'
import { apiAddress, apiAnswer, pathSegment } from '../api/api-call.ts'
import { textEntries, type Generator } from '../generator.ts'
import type { GitlabDeployTokenSpec } from '../schemas/forges.ts'

/** A new deploy token at every call. It stays until `expiresAt`: see docs/providers/generators.md. */
export const gitlabDeployTokenGenerator: Generator<GitlabDeployTokenSpec> = {
  async generate(spec, context) {
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
    return textEntries({ username: answer.text('username'), token: answer.text('token') })
  },
}

function tokensPath({ url, projectID = '', groupID = '' }: GitlabDeployTokenSpec): string {
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
