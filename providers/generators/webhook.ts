import { ProviderError } from '../errors.ts'
import { answerOf } from '../webhook/call.ts'
import { rendered } from '../webhook/render.ts'
import { entriesAt } from '../webhook/result.ts'
import { secretValues } from '../webhook/secrets.ts'
import type { PassingGenerator } from './generator.ts'
import type { WebhookGeneratorSpec } from './schemas/calls.ts'

/** As the provider, without a remote reference; what is poured is the object at the path. */
export const webhookGenerator: PassingGenerator<WebhookGeneratorSpec> = {
  async generate(spec, context) {
    if (spec.auth?.ntlm !== undefined) throw new ProviderError('unsupported', 'auth.ntlm is not served yet')
    const data = await secretValues(spec.secrets ?? [], context.references)
    const body = await answerOf(spec, { data, urlData: data }, context)
    return entriesAt(body, rendered('jsonpath', spec.result.jsonPath ?? '', { data, clock: context.clock }))
  },
}
