import { apiAnswer, hostAddress } from '../api/api-call.ts'
import { textEntries, type GenerateContext, type PassingGenerator } from '../generator.ts'
import type { AcrAccessTokenSpec } from '../schemas/clouds.ts'
import { entraToken } from './entra-token.ts'

/** A token of Entra ID becomes a refresh token of the registry, and with a scope an access token for that. */
export const acrAccessTokenGenerator: PassingGenerator<AcrAccessTokenSpec> = {
  async generate(spec, context) {
    const registry = new Registry(spec, context)
    const refreshToken = await registry.refreshToken(await entraToken(spec, context))
    const { scope = '' } = spec
    const password = scope === '' ? refreshToken : await registry.accessToken(refreshToken, scope)
    return textEntries({ username: '00000000-0000-0000-0000-000000000000', password })
  },
}

class Registry {
  readonly #address: string
  readonly #service: string
  readonly #tenant: string
  readonly #context: GenerateContext

  constructor({ registry, tenantId = '' }: AcrAccessTokenSpec, context: GenerateContext) {
    this.#address = hostAddress(registry, 'registry')
    this.#service = registry
    this.#tenant = tenantId
    this.#context = context
  }

  async refreshToken(entraToken: string): Promise<string> {
    const form = { grant_type: 'access_token', service: this.#service, tenant: this.#tenant, access_token: entraToken }
    return (await this.#post('exchange', form, 'could not generate refresh token')).text('refresh_token')
  }

  async accessToken(refreshToken: string, scope: string): Promise<string> {
    const form = { grant_type: 'refresh_token', service: this.#service, scope, refresh_token: refreshToken }
    return (await this.#post('token', form, 'could not generate access token')).text('access_token')
  }

  #post(path: string, form: Readonly<Record<string, string>>, purpose: string) {
    const url = new URL(`${this.#address}/oauth2/${path}`)
    return apiAnswer({ purpose, method: 'POST', url, body: { form } }, this.#context)
  }
}
