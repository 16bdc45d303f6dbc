import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { adoptAnnotation, createdByLabel, creatorOf, managedLabel, managerOf } from '../target/marks.ts'
import { hasWritten } from '../target/own-fields.ts'
import { mergesIntoTarget } from '../target/policy.ts'
import { controllerOf, describe, isExternalSecret, type Refusal } from './ownership.ts'

/** `annotated`: a foreign object is taken over if it says so itself. `always`: as ESO does. */
export type Adoption = 'annotated' | 'always'

/**
 * Why the object may not be taken over: it is somebody else's, and neither it nor the operator allows it. One that
 * another ExternalSecret owns is not judged here: no annotation opens that.
 */
export function foreignRefusal(externalSecret: ExternalSecret, current: KubeObject): Refusal | undefined {
  if (current.metadata.annotations?.[adoptAnnotation] === 'true') return undefined
  const controller = controllerOf(current)
  if (controller !== undefined) {
    if (isExternalSecret(controller)) return undefined
    return refusal(`${describe(current)} is controlled by ${controller.kind} ${controller.name}`)
  }
  if (mergesIntoTarget(externalSecret) || bearsOurMarks(externalSecret, current)) return undefined
  return refusal(`${describe(current)} was not made by an ExternalSecret`)
}

/** The label alone may have been lost: then what made it ours is still there. */
function bearsOurMarks(externalSecret: ExternalSecret, current: KubeObject): boolean {
  const { name = '', namespace = '' } = externalSecret.metadata
  const { labels = {} } = current.metadata
  return (
    labels[managedLabel] === 'true' ||
    labels[createdByLabel] === creatorOf(namespace, name) ||
    hasWritten(current, managerOf(name))
  )
}

function refusal(why: string): Refusal {
  return {
    message: `target exists and is not ours: annotate it with ${adoptAnnotation}: "true" to have it taken over`,
    detail: `${why}: to have it taken over, annotate it with ${adoptAnnotation}: "true", or serve with --adopt=always`,
  }
}
