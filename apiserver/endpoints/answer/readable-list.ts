import type { MaybePromise } from '../../../base/waiting/maybe-promise.ts'
import type { Representation } from '../../../machinery/media-type.ts'
import type { JsonObject } from '../../../machinery/object.ts'

/** How a list is written for people: what comes before the items, each item, and what comes behind. */
export interface ListForm {
  readonly contentType: string
  readonly head: string
  readonly item: (item: object, isFirst: boolean) => string
  readonly tail: string
  /** A list without items. */
  readonly empty: string
}

/** The same text as that of the whole list, item by item: a list is as long as somebody made it. */
export function readableList(
  mediaType: Representation['mediaType'],
  head: JsonObject,
  itemsMember: 'items' | 'rows',
): MaybePromise<ListForm> {
  return mediaType === 'application/yaml' ? yamlList(head, itemsMember) : prettyList(head, itemsMember)
}

function prettyList(head: JsonObject, itemsMember: string): ListForm {
  const opening = JSON.stringify(head, null, 2).slice(0, -'\n}'.length)
  return {
    contentType: 'application/json',
    head: `${opening},\n  "${itemsMember}": [`,
    // Line breaks within strings are escaped: each of these begins a line.
    item: (item, isFirst) => `${isFirst ? '' : ','}\n    ${JSON.stringify(item, null, 2).replaceAll('\n', '\n    ')}`,
    tail: '\n  ]\n}',
    empty: `${opening},\n  "${itemsMember}": []\n}`,
  }
}

async function yamlList(head: JsonObject, itemsMember: string): Promise<ListForm> {
  const { encodeYaml } = await import('../../../machinery/yaml.ts')
  const opening = encodeYaml(head)
  const lead = `${itemsMember}:\n`
  return {
    contentType: 'application/yaml',
    head: `${opening}${lead}`,
    item: (item) => encodeYaml({ [itemsMember]: [item] }).slice(lead.length),
    tail: '',
    empty: `${opening}${itemsMember}: []\n`,
  }
}
