import { ProviderError } from '../errors.ts'
import type { ConnectContext, Provider, RemoteKey, RemoteSecret, SecretsClient } from '../provider.ts'
import { answerOf } from './call.ts'
import { rendered } from './render.ts'
import { entriesAt, textAt } from './result.ts'
import { secretValues, type SecretValues } from './secrets.ts'
import { webhookSpec, type WebhookSpec } from './spec.ts'

export const webhook: Provider<WebhookSpec> = {
  spec: webhookSpec,
  capabilities: ['read'],
  async connect(spec, context) {
    const namespace = context.store.namespace ?? context.references.consumerNamespace() ?? ''
    // As in the original, a Secret that is missing is told by those who read, not by the store.
    const secrets = await secretValues(spec.secrets ?? [], context.references).catch(expected)
    return new WebhookClient(spec, { ...context, namespace, secrets })
  },
}

function expected(error: unknown): ProviderError {
  if (error instanceof ProviderError && error.code === 'auth-failed') return error
  throw error
}

interface Caller extends ConnectContext {
  readonly namespace: string
  readonly secrets: SecretValues | ProviderError
}

class WebhookClient implements SecretsClient {
  readonly asksByProperty: boolean
  readonly #spec: WebhookSpec
  readonly #caller: Caller

  constructor(spec: WebhookSpec, caller: Caller) {
    this.#spec = spec
    this.#caller = caller
    const { url, body = '', headers = {} } = spec
    this.asksByProperty = [url, body, ...Object.values(headers)].some(mayAskForProperty)
  }

  /** Nothing is called to find out: a call may have effects. */
  async check(): Promise<'ready'> {
    return 'ready'
  }

  async read(ref: RemoteKey, signal: AbortSignal): Promise<RemoteSecret> {
    const { secrets, clock } = this.#caller
    if (secrets instanceof ProviderError) throw secrets
    const dataFor = (property: string, escape = (text: string) => text) =>
      new Map([...secrets, ['remoteRef', this.#remoteRef({ ...ref, property }, escape)] as const])
    const asked = ref.property ?? ''
    const data = dataFor(asked)
    const body = await answerOf(
      this.#spec,
      { data, urlData: dataFor(asked, queryEscaped) },
      { ...this.#caller, signal },
    )
    const { jsonPath = '' } = this.#spec.result ?? {}
    const pathFor = (property = '') => rendered('jsonpath', jsonPath, { data: dataFor(property), clock })
    return {
      value: (property) => textAt(body, pathFor(property)),
      entries: (property) => entriesAt(body, pathFor(property)),
      sizeBytes: body.byteLength + 1,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // There is nothing to close: connections belong to the agent.
  }

  #remoteRef({ key, version = '', property = '' }: RemoteKey, escape: (text: string) => string) {
    const fields = { key, version, property, namespace: this.#caller.namespace }
    return new Map(Object.entries(fields).map(([name, text]) => [name, Buffer.from(escape(text))]))
  }
}

/** A template that takes remoteRef whole may take anything of it. */
function mayAskForProperty(text: string): boolean {
  return text.includes('{{') && (text.includes('property') || /remoteRef(?!\.(key|version|namespace)\b)/.test(text))
}

/** As Go's url.QueryEscape: a blank is a plus. */
function queryEscaped(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
