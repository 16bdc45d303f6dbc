import { reinvocationPolicy } from '../admission-parts.ts'
import { webhooksSchema } from '../webhook-schema.ts'

export const mutatingWebhookConfigurationV1 = webhooksSchema('Webhooks that change what is written.', {
  reinvocationPolicy,
})
