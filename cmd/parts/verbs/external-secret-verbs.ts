import { demandReferences } from '../../../apiserver/admission/reference-rights.ts'
import type { Answerer } from '../../../apiserver/endpoints/review.ts'
import type { Question } from '../../../apiserver/registry/kind.ts'
import { templateErrors } from '../../../kinds/external-secret/template-rules.ts'
import type { ExternalSecret } from '../../../kinds/external-secret/v1.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { AnsweringParts } from './answering-parts.ts'
import { answered, askedObject, group, refuseDryRun, registryOf, userOf } from './asked-object.ts'

const resource = 'externalsecrets'

export function externalSecretVerbs(parts: AnsweringParts): readonly (readonly [string, Answerer])[] {
  return [
    ['ExternalSecretRefresh', (asked, question) => refresh(parts, asked, question)],
    ['ExternalSecretPreview', (asked, question) => preview(parts, asked, question)],
  ]
}

async function refresh(parts: AnsweringParts, asked: KubeObject, question: Question): Promise<KubeObject> {
  refuseDryRun(question)
  const object = await askedObject(registryOf(parts.registries, resource), question)
  return answered(asked, question, await parts.verbs.refresh(object, question.signal))
}

/** Of the stored object, or of one that nobody has written: what may be seen is up to who asks, not to its writer. */
async function preview(parts: AnsweringParts, asked: KubeObject, question: Question): Promise<KubeObject> {
  const { authorize, registries, verbs } = parts
  const registry = registryOf(registries, resource)
  const found = asked['spec'] === undefined ? await askedObject(registry, question) : unwritten(asked, question)
  const object = found as ExternalSecret
  const references = registry.kind.references?.(object) ?? []
  const { name } = question
  await demandReferences(authorize, { user: userOf(question), resource: { group, resource }, name, references })
  const showsValues = asked['hideValues'] !== true && (await maySeeValues(parts, question))
  return answered(
    asked,
    question,
    await verbs.preview(object, { showsValues, knownErrors: templateErrors(object.spec) }),
  )
}

function unwritten({ spec }: KubeObject, { namespace, name }: Question): KubeObject {
  return { apiVersion: `${group}/v1`, kind: 'ExternalSecret', metadata: { namespace, name }, spec }
}

async function maySeeValues({ authorize }: AnsweringParts, question: Question): Promise<boolean> {
  const { namespace, name } = question
  const about = { group, version: 'v1', resource, subresource: 'values', namespace, name }
  const decision = await authorize(userOf(question), { isResourceRequest: true, path: '', verb: 'get', ...about })
  return decision.verdict === 'allow'
}
