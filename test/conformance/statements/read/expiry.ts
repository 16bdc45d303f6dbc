import assert from 'node:assert/strict'
import type { ApiClient } from '../../../support/api-client.ts'
import { until } from '../../../support/until.ts'
import { asked, namesIn, versionOf } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Statement } from '../../statement.ts'
import { continueOf, expectOneList, Pages } from './pages.ts'

const configMaps = '/api/v1/namespaces/pages/configmaps'

export const expiry: readonly Statement[] = [
  {
    number: 66,
    sentence: 'A state that was forgotten is 410 Expired; a page of it offers a token to go on with the newest one.',
    needs: 'another',
    play: async (scene) => {
      await using server = await scene.control('another')(forgetful)
      const { api } = server
      expectObject(await api.post('/api/v1/namespaces', { metadata: { name: 'pages' } }), 201)
      for (const name of ['a', 'b', 'c', 'd']) await createConfigMap(api, name)
      const first = await new Pages(api, configMaps, { limit: 2 }).next()
      const exact = { resourceVersion: versionOf(first), resourceVersionMatch: 'Exact' }
      await untilForgotten(api, asked(configMaps, exact))
      const message = 'The resourceVersion for the provided list is too old.'
      expectFailure(await api.get(asked(configMaps, exact)), { code: 410, reason: 'Expired', message })
      await expectGoingOn(api, continueOf(first))
    },
  },
]

/** Keeps as good as no history, on disk or in memory. */
const forgetful: readonly string[] = [
  '--history-count=1',
  '--history-retention=1ms',
  '--compaction-interval=10ms',
  '--watch-cache-size=1',
  '--log-tail-count=1',
]

async function createConfigMap(api: ApiClient, name: string): Promise<void> {
  expectObject(await api.post(configMaps, { metadata: { name } }), 201)
}

/** History goes with later writes. */
async function untilForgotten(api: ApiClient, path: string): Promise<void> {
  let count = 0
  await until(async () => {
    count += 1
    const body = { metadata: { annotations: { count: String(count) } } }
    expectObject(await api.call('PATCH', `${configMaps}/a`, { body, contentType: 'application/merge-patch+json' }))
    return (await api.get(path)).status === 410
  })
}

/** The token of the refusal goes on behind the same item in the state of now. */
async function expectGoingOn(api: ApiClient, token: string): Promise<void> {
  await createConfigMap(api, 'bb')
  const expired = await api.get(asked(configMaps, { limit: 2, continue: token }))
  const status = expectFailure(expired, {
    code: 410,
    reason: 'Expired',
    message: /^The provided continue parameter is too old to display a consistent list result\. /,
  })
  const again = continueOf(status)
  assert.notEqual(again, '')
  const page = expectObject(await api.get(asked(configMaps, { limit: 2, continue: again })))
  assert.deepEqual(namesIn(page), ['bb', 'c'])
  const rest = expectObject(await api.get(asked(configMaps, { limit: 2, continue: continueOf(page) })))
  expectOneList([page, rest], ['bb', 'c', 'd'])
}
