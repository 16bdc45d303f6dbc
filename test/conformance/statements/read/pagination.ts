import assert from 'node:assert/strict'
import { asked, namesIn, patch, versionOf } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { inAnotherNamespace } from '../another-namespace.ts'
import { continueOf, expectOneList, Pages } from './pages.ts'

const five = ['a', 'b', 'c', 'd', 'e']

export const pagination: readonly Statement[] = [
  {
    number: 60,
    sentence: 'With a limit a list comes in pages of one state, each of which tells how many items are left.',
    play: async (scene) => {
      const { api, widgets } = scene
      await createAll(scene, five)
      const pages = await new Pages(api, widgets, { limit: 2 }).rest()
      expectOneList(pages, five)
      const left = pages.map(({ metadata }) => metadata?.['remainingItemCount'])
      assert.deepEqual(left, [3, 1, undefined])
      for (const limit of ['5', '6', '0', '-1']) {
        const whole = expectObject(await api.get(asked(widgets, { limit })))
        assert.deepEqual([namesIn(whole), continueOf(whole)], [five, ''], limit)
        assert.equal(whole['metadata']?.['remainingItemCount'], undefined)
      }
      expectFailure(await api.get(asked(widgets, { limit: 'many' })), { code: 400, reason: 'BadRequest' })
    },
  },
  {
    number: 61,
    sentence: 'With a selector pages do not tell how many items are left.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      for (const name of five) await create(name, { metadata: { labels: { odd: String('ace'.includes(name)) } } })
      const cases = [
        [{ labelSelector: 'odd=true' }, ['a', 'c', 'e']],
        [{ fieldSelector: 'metadata.name!=b' }, ['a', 'c', 'd', 'e']],
      ] as const
      for (const [selector, names] of cases) {
        const pages = await new Pages(api, widgets, { ...selector, limit: 2 }).rest()
        expectOneList(pages, names)
        for (const { metadata } of pages) assert.equal(metadata?.['remainingItemCount'], undefined)
      }
    },
  },
  {
    number: 62,
    sentence: 'Pages show the state of the first one, whatever is written meanwhile.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      await createAll(scene, ['a', 'b', 'd', 'e', 'f'])
      const pages = new Pages(api, widgets, { limit: 2 })
      const first = await pages.next()
      await create('c')
      expectObject(await api.call('DELETE', `${widgets}/d`))
      expectObject(await patch.merge(api, `${widgets}/e`, { spec: { size: 7 } }))
      const rest = await pages.rest()
      expectOneList([first, ...rest], ['a', 'b', 'd', 'e', 'f'])
      assert.ok(!rest.some((page) => JSON.stringify(page).includes('"size":7')), 'a page shows a later change')
      const now = expectObject(await api.get(widgets))
      assert.deepEqual(namesIn(now), ['a', 'b', 'c', 'e', 'f'])
    },
  },
  {
    number: 63,
    sentence: 'A continue token that the server did not give is 400.',
    play: async (scene) => {
      const { api, widgets } = scene
      await createAll(scene, five)
      for (const token of foreignTokens) {
        const answer = await api.get(asked(widgets, { limit: 2, continue: token }))
        expectFailure(answer, { code: 400, reason: 'BadRequest', message: /^invalid continue token: / })
      }
    },
  },
  {
    number: 64,
    sentence: 'A continue token reads nothing outside of the namespace that is asked for.',
    play: async (scene) => {
      const { api, widgets, namespace } = scene
      await createAll(scene, five)
      await inAnotherNamespace(scene, async (other) => {
        for (const name of five) await other.create(name)
        const tokens = await tokensOf(scene, ['/apis/example.com/v1/widgets', widgets, other.widgets])
        for (const token of tokens) {
          const answer = await api.get(asked(widgets, { continue: token, limit: 500 }))
          if (answer.status !== 200) expectFailure(answer, { code: 400, reason: 'BadRequest' })
          else for (const item of itemsOf(answer.json)) assert.equal(item.metadata.namespace, namespace)
        }
      })
    },
  },
  {
    number: 65,
    sentence: 'A page after the first takes no resourceVersion but 0.',
    notForCustomResources: 'a page at resourceVersion 0 comes out of a cache, with all that is left',
    play: async (scene) => {
      const { api, widgets } = scene
      await createAll(scene, five)
      const first = expectObject(await api.get(asked(widgets, { limit: 2 })))
      const next = { limit: 2, continue: continueOf(first) }
      const refused = await api.get(asked(widgets, { ...next, resourceVersion: versionOf(first) }))
      const message = 'specifying resource version is not allowed when using continue'
      expectFailure(refused, { code: 400, reason: 'BadRequest', message })
      const second = expectObject(await api.get(asked(widgets, { ...next, resourceVersion: '0' })))
      expectOneList([first, second], ['a', 'b', 'c', 'd'])
    },
  },
]

async function createAll({ create }: Scene, names: readonly string[]): Promise<void> {
  for (const name of names) await create(name)
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const foreignTokens = [
  'garbage',
  '????',
  encoded({}),
  encoded('text'),
  encoded({ v: 'meta.k8s.io/v9', rv: 1, start: 'a\0' }),
  encoded({ v: 'meta.k8s.io/v1', rv: 0, start: 'a\0' }),
  encoded({ v: 'meta.k8s.io/v1', rv: 1, start: '' }),
  encoded({ v: 'meta.k8s.io/v1', rv: 1, start: '/../../secrets/\0' }),
]

/** The tokens of these lists, and the same as somebody might write them who wants to get out of a namespace. */
async function tokensOf({ api, namespace }: Scene, paths: readonly string[]): Promise<readonly string[]> {
  const tokens = await Promise.all(
    paths.map(async (path) => continueOf(expectObject(await api.get(asked(path, { limit: 1 }))))),
  )
  const escapes = [`../${namespace}too/`, `/../${namespace}too/`, '../../', '/']
  return tokens.flatMap((token) => [token, ...escapes.map((escape) => escaping(token, escape))])
}

function escaping(token: string, start: string): string {
  try {
    const content = JSON.parse(Buffer.from(token, 'base64url').toString()) as { readonly start: string }
    return encoded({ ...content, start: `${start}${content.start}` })
  } catch {
    return token
  }
}

interface Named {
  readonly metadata: { readonly namespace: string }
}

function itemsOf(list: unknown): readonly Named[] {
  return (list as { readonly items: readonly Named[] }).items
}
