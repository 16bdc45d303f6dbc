import { formatApiVersion } from '../../machinery/group-version.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../machinery/object.ts'
import type { KindDeclaration } from './kind.ts'
import type { Stored } from './stored.ts'

/** An object as sent, with what its annotation said about fields that its version does not have. */
export interface Received {
  readonly object: KubeObject
  readonly foreign?: JsonObject
}

/** Between the stored form and the served versions of one kind. */
export interface Conversion {
  readonly hubVersion: string
  apiVersionOf(version: string): string
  /** As clients see it, with the annotation for what `version` cannot say; without resourceVersion. */
  show(stored: Stored, version: string): KubeObject
  /** The same without the annotation: what field ownership compares. */
  plain(stored: Stored, version: string): KubeObject
  /** Takes the annotation off. */
  receive(object: KubeObject): Received
  annotationOf(object: KubeObject): string | undefined
  annotate(object: KubeObject, text: string | undefined): KubeObject
  /** By way of the storage version, with what `live` has that the version of the request cannot say. */
  between(object: KubeObject, apiVersion: string, at: { live: Stored | undefined; version: string }): KubeObject
  /** `live` hands on what is hidden by other versions than the one written in. */
  store(received: Received, version: string, live: Stored | undefined): Stored
}

export function conversionOf(kind: KindDeclaration): Conversion {
  const annotation = `${kind.group}/conversion-data`
  const apiVersionOf = (version: string) => formatApiVersion({ group: kind.group, version })
  return {
    hubVersion: kind.storageVersion,
    apiVersionOf,
    show: (stored, version) => {
      const { object, foreign } = fromHub(kind, stored, version)
      return foreign === undefined ? object : annotated(object, annotation, JSON.stringify(foreign))
    },
    annotationOf: (object) => object.metadata.annotations?.[annotation],
    annotate: (object, text) => (text === undefined ? object : annotated(object, annotation, text)),
    between: (object, apiVersion, { live, version }) => {
      const foreign = live && fromHub(kind, live, version).foreign
      const received = { object, ...(foreign !== undefined && { foreign }) }
      return fromHub(
        kind,
        toHub(kind, received, { version: versionOf(object.apiVersion), live }),
        versionOf(apiVersion),
      ).object
    },
    plain: (stored, version) => fromHub(kind, stored, version).object,
    receive: (object) => withoutAnnotation(object, annotation),
    store: (received, version, live) => toHub(kind, received, { version, live }),
  }
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}

function fromHub(kind: KindDeclaration, stored: Stored, version: string): Received {
  if (version === kind.storageVersion) return { object: stored.object }
  const apiVersion = formatApiVersion({ group: kind.group, version })
  const conversion = kind.versions[version]?.conversion
  if (conversion === undefined) return { object: { ...stored.object, apiVersion } }
  const hidden = stored.hidden?.[version]
  const { object, foreign } = conversion.fromStorage(stored.object, isJsonObject(hidden) ? hidden : undefined)
  return { object: inVersion(object, stored.object, apiVersion), ...(foreign !== undefined && { foreign }) }
}

function toHub(kind: KindDeclaration, received: Received, at: { version: string; live: Stored | undefined }): Stored {
  const { object, foreign } = received
  const keptHidden = at.live?.hidden
  if (at.version === kind.storageVersion) return keptHidden === undefined ? { object } : { object, hidden: keptHidden }
  const apiVersion = formatApiVersion({ group: kind.group, version: kind.storageVersion })
  const converted = kind.versions[at.version]?.conversion?.toStorage(object, foreign) ?? { object }
  const hidden = withHidden(keptHidden, at.version, converted.hidden)
  return { object: inVersion(converted.object, object, apiVersion), ...(hidden !== undefined && { hidden }) }
}

/** Conversions speak of the members only: metadata goes over as it is. */
function inVersion(object: KubeObject, source: KubeObject, apiVersion: string): KubeObject {
  const { apiVersion: _, kind: __, metadata: ___, ...members } = object
  return { apiVersion, kind: source.kind, metadata: source.metadata, ...members }
}

function withHidden(
  kept: JsonObject | undefined,
  version: string,
  own: JsonObject | undefined,
): JsonObject | undefined {
  const { [version]: _, ...others } = kept ?? {}
  const hidden = own === undefined || Object.keys(own).length === 0 ? others : { ...others, [version]: own }
  return Object.keys(hidden).length === 0 ? undefined : hidden
}

function annotated(object: KubeObject, annotation: string, text: string): KubeObject {
  const annotations = { ...object.metadata.annotations, [annotation]: text }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

function withoutAnnotation(object: KubeObject, annotation: string): Received {
  const sent = object.metadata.annotations
  if (sent === undefined || !Object.hasOwn(sent, annotation)) return { object }
  const { annotations: _, ...metadata } = object.metadata
  const { [annotation]: text, ...others } = sent
  const foreign = parsedForeign(text)
  const kept = Object.keys(others).length === 0 ? metadata : { ...metadata, annotations: others }
  return { object: { ...object, metadata: kept }, ...(foreign !== undefined && { foreign }) }
}

/** A client may write anything here; what is not ours counts as absent. */
function parsedForeign(text: string | undefined): JsonObject | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as JsonValue
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
