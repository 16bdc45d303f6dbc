import type { ConfigMap } from '../../kinds/core/config-map/v1.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ExternalSecret, ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'
import { SyncError } from '../errors.ts'
import type { Source } from './parsed-templates.ts'

export type Template = NonNullable<NonNullable<ExternalSecretSpec['target']>['template']>
type TemplateFrom = NonNullable<Template['templateFrom']>[number]
type Named = NonNullable<TemplateFrom['configMap']>

interface Clients {
  readonly configMaps: ResourceClient<ConfigMap>
  readonly secrets: ResourceClient<Secret>
}

/** One template of `templateFrom`, as it was read. */
export interface TemplateDocument {
  readonly key: string
  readonly text: string
  readonly templateAs: string
  readonly isConfidential: boolean
}

export function documentSource({ key, text, isConfidential }: TemplateDocument): Source {
  return { name: key, text, isConfidential }
}

/**
 * The templates behind each entry of `templateFrom`, in the order in which they are rendered. Throws SyncError, with
 * the words before it that an error of rendering has.
 */
export async function readAllDocuments(
  { metadata: { namespace = '' }, spec }: ExternalSecret,
  clients: Clients,
): Promise<readonly (readonly TemplateDocument[])[]> {
  const entries = spec.target?.template?.templateFrom ?? []
  if (entries.length === 0) return []
  try {
    return await Promise.all(
      entries.map((entry, index) =>
        readDocuments(entry, { namespace, literal: `templateFrom[${index}].literal` }, clients),
      ),
    )
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    throw new SyncError(error.code, `could not apply template: error fetching templateFrom data: ${error.message}`)
  }
}

/** Of one entry: ConfigMap, Secret, literal. */
async function readDocuments(
  { configMap, literal, secret }: TemplateFrom,
  { namespace, literal: key }: { readonly namespace: string; readonly literal: string },
  { configMaps, secrets }: Clients,
): Promise<readonly TemplateDocument[]> {
  const open = { namespace, kind: 'configmap', isConfidential: false } as const
  const confidential = { namespace, kind: 'secret', isConfidential: true } as const
  return [
    ...(configMap ? await itemsOf(configMap, open, configMaps) : []),
    ...(secret ? await itemsOf(secret, confidential, secrets) : []),
    ...(literal === undefined ? [] : [{ key, text: literal, templateAs: 'KeysAndValues', isConfidential: false }]),
  ]
}

interface ItemsPlace {
  readonly namespace: string
  readonly kind: 'configmap' | 'secret'
  readonly isConfidential: boolean
}

async function itemsOf<T extends KubeObject & { readonly data?: Readonly<Record<string, string>> }>(
  { name, items }: Named,
  { namespace, kind, isConfidential }: ItemsPlace,
  client: ResourceClient<T>,
): Promise<readonly TemplateDocument[]> {
  const { data = {} } = await read(client, { namespace, name })
  return items.map(({ key, templateAs = 'Values' }) => {
    const value = data[key]
    if (value === undefined) throw new SyncError('invalid-value', `error in ${kind} ${name}: missing key ${key}`)
    const text = isConfidential ? Buffer.from(value, 'base64').toString() : value
    return { key, text, templateAs, isConfidential }
  })
}

async function read<T extends KubeObject>(client: ResourceClient<T>, at: { namespace: string; name: string }) {
  try {
    return await client.get(at)
  } catch (error) {
    throw new SyncError('fetch-failed', error instanceof StatusError ? error.message : 'the request failed')
  }
}
