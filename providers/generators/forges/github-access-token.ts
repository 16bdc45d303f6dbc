import { apiAddress, apiAnswer, pathSegment } from '../api/api-call.ts'
import { rsaKeyOf, signedJwt } from '../api/jwt.ts'
import { textEntries, type GenerateContext, type PassingGenerator } from '../generator.ts'
import type { GithubAccessTokenSpec } from '../schemas/forges.ts'

/** A token of an installation of a GitHub App. It ends by itself after an hour. */
export const githubAccessTokenGenerator: PassingGenerator<GithubAccessTokenSpec> = {
  async generate(spec, context) {
    const address = apiAddress(spec.url || 'https://api.github.com', 'url')
    const jwt = await appToken(spec, context)
    const answer = await apiAnswer(
      {
        purpose: 'unable to get a token of the GitHub App',
        method: 'POST',
        url: new URL(`${address}/app/installations/${pathSegment(spec.installID, 'installID')}/access_tokens`),
        headers: { authorization: `Bearer ${jwt}`, accept: 'application/vnd.github.v3+json' },
        ...bodyOf(spec),
      },
      context,
    )
    return textEntries({ token: answer.text('token') })
  },
}

/** Ten seconds in the past, as clocks differ; GitHub takes ten minutes at most. */
async function appToken({ appID, auth }: GithubAccessTokenSpec, { references, clock }: GenerateContext) {
  const key = rsaKeyOf(await references.secretKey(auth.privateKey.secretRef), 'auth.privateKey')
  const seconds = Math.floor(clock.now() / 1000)
  return signedJwt({ iss: appID, iat: seconds - 10, exp: seconds + 300 }, { key })
}

/** Without a body the token may do what the app may, in all repositories of the installation. */
function bodyOf({ permissions, repositories = [] }: GithubAccessTokenSpec) {
  if (permissions === undefined && repositories.length === 0) return {}
  const json = { ...(permissions && { permissions }), ...(repositories.length > 0 && { repositories }) }
  return { body: { json } }
}
