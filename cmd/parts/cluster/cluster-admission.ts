import type { NamespaceReader } from '../../../apiserver/admission/configuration.ts'
import { accessBy } from '../../../apiserver/admission/expressions/ask-access.ts'
import type { Authorizer } from '../../../apiserver/authorization/authorizer.ts'
import { newestVersion } from '../../../cluster/admission/newest-version.ts'
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
    clientOf: (plural) => () => newestVersion(client, { group: admissionGroup, plural, versions }, reading),
    call: webhooks.call,
    access: accessBy(authorize),
    params: clusterParams(client, reading),
    namespaceOf,
    clock,
    log,
    metrics,
  })
}

/**
 * ValidatingAdmissionPolicy was v1beta1 until Kubernetes 1.30, MutatingAdmissionPolicy v1alpha1 until 1.34 and v1beta1
 * until 1.36. All of them have the shape of v1 and its defaults; webhooks have been v1 since 1.16.
 */
const versions = ['v1', 'v1beta1', 'v1alpha1']
const webhookConnectionsMax = 32
