import assert from 'node:assert/strict'
import { listOf } from '../../../support/api-client.ts'
import { asked, isLater, namesIn, patch, versionOf } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { expectFutureVersion } from './future-version.ts'

export const listVersions: readonly Statement[] = [
  {
    number: 67,
    sentence: 'A list is of exactly the state, or of none before it, that its resourceVersion and match ask for.',
    play: async (scene) => {
      await expectRefusedMatches(scene)
      await expectStates(scene)
      for (const resourceVersionMatch of ['Exact', 'NotOlderThan']) {
        await expectFutureVersion(scene, scene.widgets, { resourceVersionMatch })
      }
      await expectFutureVersion(scene, scene.widgets, {})
      const garbage = await scene.api.get(asked(scene.widgets, { resourceVersion: 'garbage' }))
      expectFailure(garbage, { code: 400, reason: 'BadRequest' })
    },
  },
  {
    number: 68,
    sentence: 'An unknown resourceVersionMatch is 422, with those that there are.',
    play: async (scene) => {
      const text = 'Unsupported value: "foo": supported values: "Exact", "NotOlderThan", ""'
      await expectRefused(scene, { resourceVersion: '1', resourceVersionMatch: 'foo' }, [
        ['resourceVersionMatch', 'FieldValueNotSupported', text],
      ])
      await expectRefused(scene, { resourceVersionMatch: 'foo' }, [
        ['resourceVersionMatch', 'FieldValueForbidden', withoutVersion],
        ['resourceVersionMatch', 'FieldValueNotSupported', text],
      ])
    },
  },
  {
    number: 69,
    sentence: 'sendInitialEvents is 422 on a list.',
    play: async (scene) => {
      const text = 'Forbidden: sendInitialEvents is forbidden for list'
      for (const sendInitialEvents of ['true', 'false']) {
        await expectRefused(scene, { sendInitialEvents }, [['sendInitialEvents', 'FieldValueForbidden', text]])
      }
    },
  },
]

const withoutVersion = 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'

type Query = Readonly<Record<string, string | number>>
type Cause = readonly [field: string, reason: string, message: string]

/** 422 on the options of the request, with these causes. */
async function expectRefused({ api, widgets }: Scene, query: Query, causes: readonly Cause[]): Promise<void> {
  const errors = causes.map(([field, , message]) => `${field}: ${message}`)
  const text = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`
  expectFailure(await api.get(asked(widgets, query)), {
    code: 422,
    reason: 'Invalid',
    message: `ListOptions.meta.k8s.io "" is invalid: ${text}`,
    details: {
      group: 'meta.k8s.io',
      kind: 'ListOptions',
      causes: causes.map(([field, reason, message]) => ({ reason, message, field })),
    },
  })
}

async function expectRefusedMatches(scene: Scene): Promise<void> {
  const forbidden = (message: string): Cause => ['resourceVersionMatch', 'FieldValueForbidden', `Forbidden: ${message}`]
  for (const resourceVersionMatch of ['Exact', 'NotOlderThan']) {
    const cause: Cause = ['resourceVersionMatch', 'FieldValueForbidden', withoutVersion]
    await expectRefused(scene, { resourceVersionMatch }, [cause])
    await expectRefused(scene, { resourceVersionMatch, continue: 'x' }, [
      cause,
      forbidden('resourceVersionMatch is forbidden when continue is provided'),
    ])
  }
  await expectRefused(scene, { resourceVersionMatch: 'Exact', resourceVersion: '0' }, [
    forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
  ])
}

async function expectStates({ api, widgets, create }: Scene): Promise<void> {
  await create('a', { spec: { size: 1 } })
  const old = versionOf((await create('b')).json)
  const now = versionOf(expectObject(await patch.merge(api, `${widgets}/a`, { spec: { size: 2 } })))
  const last = versionOf((await create('c')).json)
  const exact = { resourceVersion: old, resourceVersionMatch: 'Exact' }
  for (const query of [exact, { ...exact, limit: 5 }, { resourceVersion: old, limit: 5 }]) {
    const before = await api.get(asked(widgets, query))
    if (before.status === 410) continue
    const list = expectObject(before)
    assert.equal(versionOf(list), old)
    assert.deepEqual(namesIn(list), ['a', 'b'])
    assert.equal(listOf(list['items'])[0]?.['spec']?.['size'], 1)
  }
  for (const version of [old, now, '0']) {
    for (const match of [{}, { resourceVersionMatch: 'NotOlderThan' }]) {
      const list = expectObject(await api.get(asked(widgets, { resourceVersion: version, ...match })))
      assert.ok(version === '0' || !isLater(version, versionOf(list)))
    }
  }
  const newest = await api.get(asked(widgets, { resourceVersion: last, resourceVersionMatch: 'NotOlderThan' }))
  assert.deepEqual(namesIn(expectObject(newest)), ['a', 'b', 'c'])
}
