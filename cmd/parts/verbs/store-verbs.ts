import { demandReferences } from '../../../apiserver/admission/reference-rights.ts'
import type { Answerer } from '../../../apiserver/endpoints/review.ts'
import type { Question } from '../../../apiserver/registry/kind.ts'
import type { StoreRefreshSpec } from '../../../kinds/verbs/store-refresh/kind.ts'
import type { StoreTestSpec } from '../../../kinds/verbs/store-test/kind.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { StorePlace } from '../../../syncer/stores/store-ref.ts'
import type { AnsweringParts } from './answering-parts.ts'
import { answered, askedObject, group, refuseDryRun, registryOf, userOf } from './asked-object.ts'

export function storeVerbs(parts: AnsweringParts): readonly (readonly [string, Answerer])[] {
  return [
    ['StoreTest', (asked, question) => test(parts, asked, question)],
    ['StoreRefresh', (asked, question) => refresh(parts, asked, question)],
  ]
}

/** Who tries the credentials of a store uses it. */
async function test(parts: AnsweringParts, asked: KubeObject, question: Question): Promise<KubeObject> {
  const { resource, namespace, name } = question
  const use = { verb: 'use', group, resource, name, asked: 'always', ...(namespace !== '' && { namespace }) } as const
  await demandReferences(parts.authorize, {
    user: userOf(question),
    resource: { group, resource },
    name,
    references: [use],
  })
  await askedObject(registryOf(parts.registries, resource), question)
  const spec = (asked['spec'] ?? {}) as StoreTestSpec
  return answered(asked, question, await parts.verbs.testStore(placeOf(question), spec))
}

async function refresh(parts: AnsweringParts, asked: KubeObject, question: Question): Promise<KubeObject> {
  refuseDryRun(question)
  await askedObject(registryOf(parts.registries, question.resource), question)
  const which = (asked['spec'] ?? {}) as StoreRefreshSpec
  return answered(asked, question, { refreshing: await parts.verbs.refreshStore(placeOf(question), which) })
}

function placeOf({ resource, namespace, name }: Question): StorePlace {
  return { kind: resource === 'secretstores' ? 'SecretStore' : 'ClusterSecretStore', namespace, name }
}
