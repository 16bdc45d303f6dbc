import { webhooksSchema } from '../webhook-schema.ts'

export const validatingWebhookConfigurationV1 = webhooksSchema('Webhooks that judge writes.', {})
