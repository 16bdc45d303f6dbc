import type { FuzzBody } from './bodies.ts'
import type { Dice } from './dice.ts'
import { names, type Subject, validObject } from './subjects.ts'

/** A request as people send it, so that there is something to break: most of these succeed. */
export interface PlainRequest {
  readonly method: string
  readonly path: string
  readonly body: FuzzBody | undefined
}

export function plainRequest(subject: Subject, dice: Dice): PlainRequest {
  const { collection } = subject
  const path = `${collection}/${dice.pick(names)}`
  const object = (): string => JSON.stringify(validObject(subject, dice))
  switch (dice.pick(['create', 'create', 'update', 'patch', 'apply', 'apply', 'get', 'list', 'delete'])) {
    case 'create':
      return { method: 'POST', path: collection, body: plainBody('application/json', object()) }
    case 'update':
      return { method: 'PUT', path, body: plainBody('application/json', object()) }
    case 'patch':
      return { method: 'PATCH', path, body: plainPatch(dice) }
    case 'apply':
      return {
        method: 'PATCH',
        path: `${path}?fieldManager=${dice.pick(['ann', 'bob'])}&force=true`,
        body: plainBody('application/apply-patch+yaml', object()),
      }
    case 'get':
      return { method: 'GET', path, body: undefined }
    case 'list':
      return { method: 'GET', path: `${collection}?${dice.pick(selections)}`, body: undefined }
    default:
      return { method: 'DELETE', path, body: undefined }
  }
}

const selections = ['', 'limit=2', 'labelSelector=l0%3Da', 'fieldSelector=metadata.name%3Done', 'resourceVersion=0']

function plainPatch(dice: Dice): FuzzBody {
  const value = dice.pick(['a', 'b', 'c'])
  return dice.pick([
    plainBody('application/merge-patch+json', JSON.stringify({ metadata: { labels: { [value]: value, l0: null } } })),
    plainBody(
      'application/json-patch+json',
      JSON.stringify([{ op: 'add', path: '/metadata/labels', value: { value } }]),
    ),
  ])
}

function plainBody(contentType: string, text: string): FuzzBody {
  return { contentType, bytes: Buffer.from(text) }
}
