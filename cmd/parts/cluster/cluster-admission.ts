import type { NamespaceReader } from '../../../apiserver/admission/configuration.ts'
import { accessBy } from '../../../apiserver/admission/expressions/ask-access.ts'
import type { Authorizer } from '../../../apiserver/authorization/authorizer.ts'
import { serviceAddresses } from '../../../cluster/admission/service-address.ts'
import { webhookCaller } from '../../../cluster/admission/webhook-caller.ts'
import type { ClusterClient } from '../../../cluster/client.ts'
import type { Contact } from '../../../cluster/reconnecting/contact.ts'
import { resourceClient } from '../../../cluster/resource-client.ts'
import type { Surroundings } from '../../hosts/host.ts'
import { admissionChecks, admissionGroup, type ConfiguredAdmission } from '../admission/admission-checks.ts'
import { clusterParams } from './cluster-params.ts'

export interface ClusterAdmissionParts {
  readonly around: Surroundings
  readonly client: ClusterClient
  readonly contact: Contact
  readonly random: () => number
  readonly authorize: Authorizer
  readonly namespaceOf: NamespaceReader
}

/** The webhooks and policies of the cluster, which runs none of them for aggregated groups. */
export function clusterAdmission(parts: ClusterAdmissionParts): ConfiguredAdmission {
  const { around, client, contact, random, authorize, namespaceOf } = parts
  const { options, clock, log, metrics, shutdown } = around
  const reading = { clock, random, log, contact, silenceMs: options.clientWatchSilence }
  const webhooks = webhookCaller({
    addressOf: serviceAddresses(resourceClient(client, { group: '', version: 'v1', plural: 'services' }, reading)),
    answerBytesMax: options.maxObjectBytes * 2,
    connectionsMax: webhookConnectionsMax,
  })
  shutdown.onEnd('client for webhooks', () => webhooks[Symbol.asyncDispose]())
  return admissionChecks({
    clientOf: (plural) => () => resourceClient(client, { group: admissionGroup, version: 'v1', plural }, reading),
    call: webhooks.call,
    access: accessBy(authorize),
    params: clusterParams(client, reading),
    namespaceOf,
    clock,
    log,
    metrics,
  })
}

const webhookConnectionsMax = 32
