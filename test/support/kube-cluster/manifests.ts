import { type ApiClient, type Json, listOf } from '../api-client.ts'

/** What every manifest has. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** Applies them one after another, server side; where each belongs is asked of the server's discovery. */
export async function applyManifests(api: ApiClient, manifests: readonly Manifest[]): Promise<void> {
  for (const manifest of manifests) {
    const path = `${await pathOf(api, manifest)}?fieldManager=tests&force=true`
    const answer = await api.call('PATCH', path, { body: manifest, contentType: 'application/apply-patch+yaml' })
    if (answer.status > 201) throw new Error(`apply ${nameOf(manifest)}: ${answer.status} ${answer.text}`)
  }
}

async function pathOf(api: ApiClient, manifest: Manifest): Promise<string> {
  const { apiVersion, kind, metadata } = manifest
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const { json } = await api.get(base)
  const isIt = (one: Json): boolean => String(one['kind']) === kind && !String(one['name']).includes('/')
  const resource = listOf(json?.['resources']).find(isIt)
  if (resource === undefined) throw new Error(`the cluster does not know the kind of ${nameOf(manifest)}`)
  const isNamespaced = String(resource['namespaced']) === 'true'
  const place = isNamespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : ''
  return `${base}${place}/${String(resource['name'])}/${metadata.name}`
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`
}
