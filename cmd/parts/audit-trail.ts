import { readFile } from 'node:fs/promises'
import { AuditError } from '../../apiserver/audit/errors.ts'
import { AuditFile } from '../../apiserver/audit/file-sink.ts'
import { AuditTrail } from '../../apiserver/audit/audit-trail.ts'
import { type AuditPolicy, defaultPolicy } from '../../apiserver/audit/policy.ts'
import { parsePolicy } from '../../apiserver/audit/policy-file.ts'
import { SinkQueue, type SinkQueueOptions } from '../../apiserver/audit/sink-queue.ts'
import { auditWebhook } from '../../apiserver/audit/webhook-sink.ts'
import type { RequestInfo } from '../../apiserver/request-info.ts'
import { createOutbound } from '../../base/http.ts'
import { UsageError } from '../errors.ts'
import type { Surroundings } from '../hosts/host.ts'
import { outboundOptions } from './limits.ts'

/** Undefined where nobody wants events. What is begun here ends after the server, so that its last event is out. */
export async function openAuditTrail(around: Surroundings): Promise<AuditTrail | undefined> {
  const { options, clock, metrics, shutdown } = around
  const policy = await policyOf(options.auditPolicyFile)
  const deliveries = [
    ...(options.auditLogPath === '' ? [] : [await logDelivery(around)]),
    ...(options.auditWebhookConfigFile === '' ? [] : [await webhookDelivery(around)]),
  ]
  if (deliveries.length === 0) return undefined
  const lost = metrics.counter('apiserver_audit_error_total', 'Audit events that were lost.')
  const sinks = deliveries.map((delivery) => {
    const sink = new SinkQueue({ ...delivery, eventsMax: options.auditQueueLength, lost })
    shutdown.runs(`audit ${delivery.plugin}`, sink)
    return sink
  })
  return new AuditTrail({ policy, sinks, holdsValues, clock, metrics })
}

/**
 * Bodies of these are never written, whatever the policy says: Secrets, tokens as they are given out or asked about,
 * stores and generators, which may hold values themselves (`fake`), and previews, which may show them.
 */
function holdsValues({ group, resource, subresource }: RequestInfo): boolean {
  const name = subresource === '' ? resource : `${resource}/${subresource}`
  return valueResources.has(`${group}/${name}`) || valueResources.has(`${group}/${resource}`)
}

const valueResources: ReadonlySet<string> = new Set([
  '/secrets',
  '/serviceaccounts/token',
  'authentication.k8s.io/tokenreviews',
  'external-secrets.io/secretstores',
  'external-secrets.io/clustersecretstores',
  'external-secrets.io/externalsecrets/preview',
  'generators.external-secrets.io/clustergenerators',
  'generators.external-secrets.io/fakes',
  'generators.external-secrets.io/generatorstates',
])

async function policyOf(path: string): Promise<AuditPolicy> {
  if (path === '') return defaultPolicy
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`--audit-policy-file: ${path} cannot be read`)
  })
  try {
    return parsePolicy(text)
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    throw new UsageError(`--audit-policy-file: ${error.message}`)
  }
}

type Delivery = Pick<SinkQueueOptions, 'plugin' | 'batchEventsMax' | 'deliver'>

const megabyte = 1024 * 1024

async function logDelivery({ options, clock, shutdown }: Surroundings): Promise<Delivery> {
  const { auditLogPath: path, auditLogMaxsize, auditLogMaxbackup: backupsMax } = options
  if (path === '-') return { plugin: 'log', batchEventsMax: 1000, deliver: toStandardOutput }
  const file = new AuditFile({ path, bytesMax: auditLogMaxsize * megabyte, backupsMax, clock })
  await file.open().catch(() => {
    throw new UsageError(`--audit-log-path: ${path} cannot be written`)
  })
  shutdown.onEnd('audit file', () => file[Symbol.asyncDispose]())
  return { plugin: 'log', batchEventsMax: 1000, deliver: (lines) => file.append(lines) }
}

function toStandardOutput(lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${lines.join('\n')}\n`, (error) => (error ? reject(error) : resolve()))
  })
}

/** The address is the operator's own choice: unlike those of stores it may be anywhere. */
async function webhookDelivery({ options, clock, shutdown }: Surroundings): Promise<Delivery> {
  const { readKubeconfig } = await import('../../cluster/kubeconfig.ts')
  const {
    server: url,
    authorityPem,
    certificatePem,
    keyPem,
    token,
  } = await readKubeconfig(options.auditWebhookConfigFile)
  const outbound = createOutbound({ ...outboundOptions(options), allowedNetworks: ['0.0.0.0/0', '::/0'] })
  shutdown.onEnd('audit webhook', () => outbound[Symbol.asyncDispose]())
  const tls = {
    ...(authorityPem !== undefined && { ca: authorityPem }),
    ...(certificatePem !== undefined && { cert: certificatePem }),
    ...(keyPem !== undefined && { key: keyPem }),
  }
  const bearer = async (): Promise<string | undefined> =>
    token?.kind === 'file' ? (await readFile(token.path, 'utf8')).trim() : token?.token
  return {
    plugin: 'webhook',
    batchEventsMax: 400,
    deliver: auditWebhook({ url, tls, token: bearer, outbound, clock, attemptsMax: 5 }),
  }
}
