import type { Scene } from '../../../conformance/scene.ts'
import type { Json } from '../../../support/api-client.ts'
import { until } from '../../../support/until.ts'
import type { World } from '../world.ts'

export interface WebhookParts {
  /** Its name is `NAME.example.com`, its path is `NAME` below that of the scene. */
  readonly name: string
  readonly [member: string]: unknown
}

interface Configured {
  /** What the webhook of this name was asked about an object, in order. */
  readonly asked: (name: string, object: string) => readonly Json[]
}

export const widgetRule = {
  operations: ['*'],
  apiGroups: ['example.com'],
  apiVersions: ['v1'],
  resources: ['widgets'],
}

/** Configures webhooks for the namespace of the scene; resolves when our server asks them. */
export async function configure(
  { cluster, hook, admin }: World,
  scene: Scene,
  { sort, webhooks }: { readonly sort: 'Mutating' | 'Validating'; readonly webhooks: readonly WebhookParts[] },
): Promise<Configured> {
  const { namespace, widgets, widget } = scene
  const kind = `${sort}WebhookConfiguration`
  // Everything of one configuration is taken at once: when the first is asked, the others would be.
  const seen = { name: `seen-${sort.toLowerCase()}`, rules: [{ ...widgetRule, operations: ['CREATE'] }] }
  await cluster.apply([
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: namespace },
      ...{ webhooks: [seen, ...webhooks].map((parts) => webhookOf(hook, namespace, parts)) },
    },
  ])
  const asked = (name: string, object: string): readonly Json[] =>
    hook.asked(`${namespace}/${name}`).filter((request) => nameIn(request) === object)
  await until(async () => {
    await admin.post(`${widgets}?dryRun=All`, widget('probe'))
    return asked(seen.name, 'probe').length > 0
  })
  return { asked }
}

export function webhookOf(hook: World['hook'], namespace: string, { name, ...parts }: WebhookParts): object {
  return {
    name: `${name}.example.com`,
    clientConfig: hook.clientConfig(`${namespace}/${name}`),
    rules: [widgetRule],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 10,
    ...parts,
  }
}

function nameIn(request: Json): string {
  return String(request['name'] ?? '')
}
