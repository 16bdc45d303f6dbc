import { jsonEqual } from '../../../machinery/json/equal.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import type { JsonValue, KubeObject } from '../../../machinery/object.ts'
import { PatchError } from '../../../machinery/patch/errors.ts'
import { applyJsonPatch } from '../../../machinery/patch/json-patch.ts'
import { internalError } from '../../../machinery/status-errors.ts'
import type { AdmissionCheck, AdmissionRequest } from '../admission.ts'
import { isExempt } from '../matching/exempt.ts'
import { inVersion } from '../matching/in-version.ts'
import type { Rounds } from '../rounds.ts'
import { areNone, configurationsFor } from '../sources/ready.ts'
import { isAsked, verdictFrom } from './asking.ts'
import { denied } from './denial.ts'
import { FailedCall } from './failed-call.ts'
import type { WebhooksOptions } from './validating-webhooks.ts'
import { type Webhook, Webhooks } from './webhook.ts'

/** Asks one webhook after the other, each about what the one before made of the object. */
export function mutatingWebhooks(options: WebhooksOptions): AdmissionCheck {
  const webhooks = new Webhooks(options.namespaceOf)
  return {
    name,
    mutate: (request, rounds) => {
      if (isExempt(request) || areNone(options.configurations)) return undefined
      return askAll(options, webhooks, { request, rounds })
    },
  }
}

const name = 'MutatingAdmissionWebhook'

interface Phase {
  readonly request: AdmissionRequest
  readonly rounds: Rounds
}

async function askAll(
  options: WebhooksOptions,
  webhooks: Webhooks,
  { request, rounds }: Phase,
): Promise<KubeObject | undefined> {
  const all = webhooks.of(await configurationsFor(options.configurations, request))
  if (all.length === 0) return undefined
  const turns = rounds.turnsOf(name)
  turns.begin(request.object)
  const round = rounds.isSecond ? 1 : 0
  let current = request
  for (const [index, webhook] of all.entries()) {
    const version = await webhook.matches(current)
    if (version === undefined || !turns.isDue(webhook.id)) continue
    const object = await ask(options, webhook, { request: current, version, place: `round_${round}_index_${index}` })
    if (object === 'not-asked') continue
    const isChanged = object !== undefined
    turns.took(webhook.id, { isChanged, isWilling: webhook.spec.reinvocationPolicy === 'IfNeeded' })
    if (isChanged) current = { ...current, object }
  }
  turns.end(current.object)
  return current.object
}

interface Question {
  readonly request: AdmissionRequest
  readonly version: string
  /** In the names of annotations. */
  readonly place: string
}

/** The object as the webhook changed it; undefined: it did not. */
async function ask(
  options: WebhooksOptions,
  webhook: Webhook,
  { request, version, place }: Question,
): Promise<KubeObject | undefined | 'not-asked'> {
  const { context } = request
  const [object, oldObject] = [request.object, request.oldObject].map(
    (each) => each && inVersion(request, each, version),
  )
  const subject = { version, object, oldObject }
  if (!(await isAsked(options, webhook, { request, subject }))) return 'not-asked'
  const { configuration, spec } = webhook
  try {
    return await options.metrics.follow({ type: 'admit', webhook, request }, async () => {
      const verdict = await verdictFrom(options, webhook, { request, subject, mayPatch: true })
      if (!verdict.isAllowed) throw denied(spec.name, verdict.status)
      const patched = verdict.patch === undefined ? undefined : patchedObject(request, { webhook, object, ...verdict })
      const told = { configuration, webhook: spec.name, mutated: patched !== undefined }
      context.annotate(`mutation.webhook.admission.k8s.io/${place}`, JSON.stringify(told))
      return patched
    })
  } catch (error) {
    if (!(error instanceof FailedCall)) throw error
    if (!webhook.ignoresFailure) throw internalError(error.message)
    context.annotate(`failed-open.mutation.webhook.admission.k8s.io/${place}`, spec.name)
    return undefined
  }
}

interface Patching {
  readonly webhook: Webhook
  readonly object: KubeObject | undefined
  readonly patch: JsonValue | undefined
}

/** Of the request's version again; undefined when the patch changed nothing. Failures are nobody's to ignore. */
function patchedObject(request: AdmissionRequest, { webhook, object, patch = [] }: Patching): KubeObject | undefined {
  if (object === undefined) {
    const what = 'attempted to modify the object, which is not supported for this operation'
    throw internalError(`admission webhook ${JSON.stringify(webhook.spec.name)} ${what}`)
  }
  const patched = applied(object, patch)
  if (!isJsonObject(patched)) throw internalError('the patch of a webhook leaves no object')
  if (jsonEqual(patched, object)) return undefined
  const back = inVersion({ ...request, version: versionOf(object) }, patched as unknown as KubeObject, request.version)
  return request.decode(back as unknown as JsonValue)
}

function versionOf({ apiVersion }: KubeObject): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}

function applied(object: KubeObject, patch: JsonValue): JsonValue {
  try {
    return applyJsonPatch(object as unknown as JsonValue, patch)
  } catch (error) {
    if (error instanceof PatchError) throw internalError(`the patch of a webhook cannot be applied: ${error.code}`)
    throw error
  }
}
