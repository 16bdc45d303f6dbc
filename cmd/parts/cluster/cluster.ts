import { systemRandomness } from '../../../apiserver/registry/randomness.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { Metrics } from '../../../base/metrics.ts'
import { type ClusterClient, type ClusterClientOptions, createClusterClient } from '../../../cluster/client.ts'
import { callMetrics } from '../../../cluster/metrics/call-metrics.ts'
import { reviewMetrics } from '../../../cluster/metrics/review-metrics.ts'
import { Contact } from '../../../cluster/reconnecting/contact.ts'
import { inClusterConfig } from '../../../cluster/cluster-config.ts'
import { readKubeconfig } from '../../../cluster/kubeconfig.ts'
import { type Apply, applyCall, type ClusterResource, resourceClient } from '../../../cluster/resource-client.ts'
import type { Reviewer } from '../../../cluster/reviews/review-call.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { type Options, podEnvironment } from '../../options.ts'
import { reviewLimits, syncerLimits } from './cluster-limits.ts'

interface Around {
  readonly options: Options
  readonly clock: Clock
  readonly log: Logger
  /** Of a process that shows them. */
  readonly metrics?: Metrics
}

/** The kube-apiserver around us, by two clients: no amount of syncing makes a request wait for its review. */
export interface Cluster extends AsyncDisposable {
  readonly reviewer: Reviewer
  readonly contact: Contact
  /** Of its v1 groups, through the client that nothing holds up. */
  readonly prompt: <T extends KubeObject>(group: string, plural: string) => ResourceClient<T>
  readonly promptApply: <T extends KubeObject>(group: string, plural: string) => Apply<T>
  /** The same for the syncer's masses of calls. */
  readonly patient: <T extends KubeObject>(group: string, plural: string) => ResourceClient<T>
  readonly patientOf: <T extends KubeObject = KubeObject>(resource: ClusterResource) => ResourceClient<T>
  readonly patientCalls: ClusterClient
}

export async function openCluster({ options, clock, log, metrics }: Around): Promise<Cluster> {
  const config =
    options.kubeconfig === '' ? await inClusterConfig(podEnvironment()) : await readKubeconfig(options.kubeconfig)
  const contact = new Contact()
  const counted = metrics && { metrics: callMetrics(metrics) }
  const open = (limits: ClusterClientOptions): Promise<ClusterClient> =>
    createClusterClient(config, { ...limits, contact, ...counted })
  const promptCalls = await open(reviewLimits(options, clock))
  const patientCalls = await open(syncerLimits(options, clock))
  const random = (): number => systemRandomness.number()
  const watching = { clock, random, contact, silenceMs: options.clientWatchSilence }
  const at = <T extends KubeObject>(client: ClusterClient, resource: ClusterResource): ResourceClient<T> =>
    resourceClient<T>(client, resource, { ...watching, log: log.child({ watch: resource.plural }) })
  const of = <T extends KubeObject>(client: ClusterClient, group: string, plural: string): ResourceClient<T> =>
    at<T>(client, { group, version: 'v1', plural })
  return {
    reviewer: { client: promptCalls, clock, random, ...(metrics && { metrics: reviewMetrics(metrics) }) },
    contact,
    prompt: (group, plural) => of(promptCalls, group, plural),
    promptApply: (group, plural) => applyCall(promptCalls, { group, version: 'v1', plural }),
    patient: (group, plural) => of(patientCalls, group, plural),
    patientOf: (resource) => at(patientCalls, resource),
    patientCalls,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([promptCalls[Symbol.asyncDispose](), patientCalls[Symbol.asyncDispose]()])
    },
  }
}
