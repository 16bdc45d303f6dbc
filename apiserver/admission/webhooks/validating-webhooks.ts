import { internalError } from '../../../machinery/status-errors.ts'
import type { AdmissionCheck, AdmissionRequest } from '../admission.ts'
import type { ConfigurationSource, NamespaceReader, WebhookConfiguration } from '../configuration.ts'
import { isExempt } from '../matching/exempt.ts'
import { effective, inVersion } from '../matching/in-version.ts'
import { areNone, configurationsFor } from '../sources/ready.ts'
import { isAsked, type Subject, verdictFrom, type WebhookParts } from './asking.ts'
import { denied } from './denial.ts'
import { FailedCall } from './failed-call.ts'
import { type Webhook, Webhooks } from './webhook.ts'

export interface WebhooksOptions extends WebhookParts {
  readonly configurations: ConfigurationSource<WebhookConfiguration>
  readonly namespaceOf: NamespaceReader
}

/** Asks every webhook that wants to know of the write, all at once; the first refusal is the answer. */
export function validatingWebhooks(options: WebhooksOptions): AdmissionCheck {
  const webhooks = new Webhooks(options.namespaceOf)
  return {
    name: 'ValidatingAdmissionWebhook',
    validate: (request) => {
      if (isExempt(request) || areNone(options.configurations)) return undefined
      return askAll(options, webhooks, request)
    },
  }
}

async function askAll(options: WebhooksOptions, webhooks: Webhooks, request: AdmissionRequest): Promise<void> {
  const all = webhooks.of(await configurationsFor(options.configurations, request))
  const invocations = await invocationsFor(options, all, request)
  await Promise.all(invocations.map((invocation, index) => ask(options, { ...invocation, request, index })))
}

interface Invocation {
  readonly webhook: Webhook
  readonly subject: Subject
}

async function invocationsFor(
  options: WebhooksOptions,
  webhooks: readonly Webhook[],
  request: AdmissionRequest,
): Promise<readonly Invocation[]> {
  const invocations: Invocation[] = []
  for (const webhook of webhooks) {
    const version = await webhook.matches(request)
    if (version === undefined) continue
    const subject = subjectOf(request, version)
    if (await isAsked(options, webhook, { request, subject })) invocations.push({ webhook, subject })
  }
  return invocations
}

function subjectOf(request: AdmissionRequest, version: string): Subject {
  const [object, oldObject] = [request.object, request.oldObject].map((each) => {
    const whole = effective(request, each)
    return whole && inVersion(request, whole, version)
  })
  return { version, object, oldObject }
}

async function ask(
  options: WebhooksOptions,
  { webhook, subject, request, index }: Invocation & { request: AdmissionRequest; index: number },
): Promise<void> {
  const { name } = webhook.spec
  try {
    await options.metrics.follow({ type: 'validating', webhook, request }, async () => {
      const verdict = await verdictFrom(options, webhook, { request, subject, mayPatch: false })
      if (!verdict.isAllowed) throw denied(name, verdict.status)
    })
  } catch (error) {
    if (!(error instanceof FailedCall)) throw error
    if (!webhook.ignoresFailure) throw internalError(error.message)
    request.context.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`, name)
  }
}
