import assert from 'node:assert/strict'
import type { ApiAnswer, Json } from '../../support/api-client.ts'
import { versionOf } from '../ask.ts'
import { expectFailure, expectObject } from '../expect.ts'
import type { Scene } from '../scene.ts'

/** 409: the write was made for an older state of the widget. */
export function expectModified(answer: ApiAnswer, name: string): void {
  const why = 'the object has been modified; please apply your changes to the latest version and try again'
  expectFailure(answer, {
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on widgets.example.com "${name}": ${why}`,
    details: { name, group: 'example.com', kind: 'widgets' },
  })
}

/**
 * Writes that are accepted and change nothing: the object is as it was, at its old resourceVersion, and a watch from
 * there sees nothing but what is written afterwards.
 */
export async function expectSilent(
  { api, widgets, watch }: Scene,
  object: Json,
  write: () => Promise<readonly ApiAnswer[]>,
): Promise<void> {
  const version = versionOf(object)
  const stream = await watch(`${widgets}?watch=true&resourceVersion=${version}`)
  for (const answer of await write()) {
    expectObject(answer)
    // What a dry run would write has the version of what it would replace.
    assert.equal(versionOf(answer.json), version)
  }
  assert.deepEqual(expectObject(await api.get(`${widgets}/${String(object['metadata']?.['name'])}`)), object)
  const mark = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { generateName: 'mark-' } }
  const marked = expectObject(await api.post(widgets, mark), 201)
  assert.deepEqual(await stream.next(), { type: 'ADDED', object: marked })
}
