import type { Column, KindDeclaration } from '../../apiserver/registry/kind.ts'
import { clusterWidget } from '../../kinds/test/cluster-widget/kind.ts'
import { widget } from '../../kinds/test/widget/kind.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import { toOpenapi } from '../../machinery/schema/to-openapi.ts'
import type { KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import type { Manifest } from '../support/kube-cluster/manifests.ts'

/**
 * Serves the two test kinds as CustomResourceDefinitions, so that a real kube-apiserver can be held to the same
 * statements. Resolves when every version of both answers.
 */
export async function applyTestKinds(cluster: KubeCluster): Promise<void> {
  await serveAsCustomResource(cluster, { kind: widget, jsonPaths: widgetPaths })
  await serveAsCustomResource(cluster, { kind: clusterWidget, jsonPaths: widgetPaths })
}

/** A declaration of ours for a server that knows columns by JSON path, where we have functions. */
export interface CustomKind {
  readonly kind: KindDeclaration
  /** By the name of the column. */
  readonly jsonPaths: Readonly<Record<string, string>>
}

const widgetPaths = {
  Size: '.spec.size',
  Phase: '.status.phase',
  Mode: '.spec.mode',
  Age: '.metadata.creationTimestamp',
}

export async function serveAsCustomResource(cluster: KubeCluster, custom: CustomKind): Promise<void> {
  const { group, names, versions } = custom.kind
  await cluster.apply([definitionOf(custom)])
  const bases = Object.keys(versions).map((version) => `/apis/${group}/${version}`)
  await cluster.served(bases.map((base) => `${base}/${names.plural}?limit=1`))
  await cluster.served(bases, `"name":"${names.plural}"`)
}

/**
 * Versions are not converted, which takes a webhook: what only one of them has is lost in the other. Defaults that are
 * virtual with us are left out, since here they would be written into objects.
 */
function definitionOf({ kind, jsonPaths }: CustomKind): Manifest {
  const { group, names, scope, storageVersion } = kind
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}` },
    spec: {
      group,
      names,
      scope: scope === 'namespaced' ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: Object.entries(kind.versions).map(([name, { schema, deprecationWarning }]) => ({
        name,
        served: true,
        storage: name === storageVersion,
        ...(deprecationWarning !== undefined && { deprecated: true, deprecationWarning }),
        schema: { openAPIV3Schema: toOpenapi(schema, { version: 'v3', defaults: kind.defaults }) },
        subresources: kind.subresources?.includes('status') === true ? { status: {} } : {},
        additionalPrinterColumns: (kind.columns ?? []).map((column) => columnOf(column, jsonPaths)),
        // kube-apiserver 1.36 refuses versions with the same selectable fields and different schemas.
        ...(name === storageVersion && { selectableFields: selectableFieldsOf(kind, schema) }),
      })),
    },
  } as Manifest
}

/** A custom resource selects by fields of its schema alone: what we find in a list of conditions is no such field. */
function selectableFieldsOf({ selectableFields = [] }: KindDeclaration, schema: Schema): readonly object[] {
  return selectableFields.filter(({ path }) => hasField(schema, path)).map(({ path }) => ({ jsonPath: `.${path}` }))
}

function hasField(schema: Schema, path: string): boolean {
  return path.split('.').reduce<Schema | undefined>((at, name) => at?.properties?.[name], schema) !== undefined
}

function columnOf({ name, type, description, format, priority }: Column, jsonPaths: CustomKind['jsonPaths']): object {
  const jsonPath = jsonPaths[name]
  if (jsonPath === undefined) throw new Error(`no JSON path is known for the column ${name}`)
  return { name, type, description, jsonPath, ...(format && { format }), ...(priority && { priority }) }
}
