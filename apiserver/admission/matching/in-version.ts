import type { KubeObject } from '../../../machinery/object.ts'
import { withDefaults } from '../../../machinery/schema/default.ts'
import { conversionOf } from '../../registry/conversion.ts'
import type { AdmissionRequest } from '../admission.ts'

/** The object in an equivalent version, and back. */
export function inVersion(request: AdmissionRequest, object: KubeObject, version: string): KubeObject {
  const conversion = conversionOf(request.kind)
  const apiVersion = conversion.apiVersionOf(version)
  if (object.apiVersion === apiVersion) return object
  const { version: own } = request
  const between = conversion.between(object, apiVersion, { live: undefined, version: own })
  return between.apiVersion === apiVersion ? between : { ...between, apiVersion }
}

/** What validating ones judge: virtual defaults are in force although nobody wrote them. */
export function effective(request: AdmissionRequest, object: KubeObject | undefined): KubeObject | undefined {
  const schema = request.kind.versions[request.version]?.schema
  if (object === undefined || schema === undefined || request.kind.defaults !== 'virtual') return object
  return withDefaults(schema, object)
}
