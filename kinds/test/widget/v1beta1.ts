import type { VersionConversion } from '../../../apiserver/registry/kind.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { deriveSchema } from '../../../machinery/schema/derive.ts'
import { widgetV1 } from './v1.ts'

/** The older version calls the size `count` and has no serial. */
export const widgetV1beta1 = deriveSchema(widgetV1, {
  'spec.count': widgetV1.properties?.spec?.properties?.size ?? {},
  'spec.size': null,
  'spec.serial': null,
})

export const v1beta1Conversion: VersionConversion = {
  toStorage: (object, foreign) => ({
    object: withSpec(object, (spec) => ({ ...renamed(spec, 'count', 'size'), ...foreign })),
  }),
  fromStorage: (object) => {
    const serial = isJsonObject(object.spec) ? object.spec.serial : undefined
    const older = withSpec(object, (spec) => without(renamed(spec, 'size', 'count'), 'serial'))
    return { object: older, ...(typeof serial === 'number' && { foreign: { serial } }) }
  },
}

type Spec = Readonly<Record<string, unknown>>

function withSpec(object: KubeObject, change: (spec: Spec) => Spec): KubeObject {
  return isJsonObject(object.spec) ? { ...object, spec: change(object.spec) } : object
}

function renamed(spec: Spec, from: string, to: string): Spec {
  return Object.fromEntries(Object.entries(spec).map(([name, value]) => [name === from ? to : name, value]))
}

function without(spec: Spec, gone: string): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => name !== gone))
}
