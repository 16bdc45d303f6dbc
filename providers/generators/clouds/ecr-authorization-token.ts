import { jsonCall } from '../../aws-identity/json-call.ts'
import { ProviderError } from '../../errors.ts'
import { ApiAnswer } from '../api/api-answer.ts'
import { textEntries, type PassingGenerator } from '../generator.ts'
import type { EcrAuthorizationTokenSpec } from '../schemas/clouds.ts'
import { awsCredentials } from './aws-credentials.ts'

/** A login for the private registries of a region or, with the scope `public`, for those of public.ecr.aws. */
export const ecrAuthorizationTokenGenerator: PassingGenerator<EcrAuthorizationTokenSpec> = {
  async generate(spec, context) {
    using credentials = await awsCredentials(spec, context)
    const isPublic = spec.scope === 'public'
    const call = isPublic ? publicCall : privateCall(spec.region)
    const body = await jsonCall({ ...call, credentials }, context.outbound, context.signal)
    const answer = ApiAnswer.of(body, call.purpose)
    const login = isPublic ? answer.member('authorizationData') : onlyOne(answer)
    return textEntries({
      ...userAndPassword(login.text('authorizationToken')),
      ...(!isPublic && { proxy_endpoint: login.text('proxyEndpoint') }),
      expires_at: String(Math.floor(login.number('expiresAt'))),
    })
  },
}

/** There is one, for all the world. */
const publicCall = {
  service: 'ecr-public',
  region: 'us-east-1',
  host: 'api.ecr-public.us-east-1.amazonaws.com',
  target: 'SpencerFrontendService.GetAuthorizationToken',
  purpose: 'unable to get public authorization token',
} as const

function privateCall(region: string) {
  return {
    service: 'ecr',
    region,
    host: `api.ecr.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`,
    target: 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    purpose: 'unable to get authorization token',
  } as const
}

function onlyOne(answer: ApiAnswer): ApiAnswer {
  const logins = answer.members('authorizationData')
  const [login] = logins
  if (login !== undefined && logins.length === 1) return login
  const text = `unexpected number of authorization tokens. expected 1, found ${logins.length}`
  throw new ProviderError('unavailable', text)
}

/** Base64 of `user:password`. */
function userAndPassword(token: string): { readonly username: string; readonly password: string } {
  const [username, password, ...rest] = Buffer.from(token, 'base64').toString().split(':')
  if (username !== undefined && password !== undefined && rest.length === 0) return { username, password }
  throw new ProviderError('unavailable', 'unexpected token format')
}
