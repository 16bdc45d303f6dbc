import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../expect.ts'
import type { Statement } from '../statement.ts'

const notFound = { code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' }

export const routing: readonly Statement[] = [
  {
    number: 2,
    sentence: 'An unknown resource is 404 with a Status that says so and names nothing.',
    notForCustomResources: 'a kube-apiserver answers plain text where no CRD has that name',
    play: async ({ api }) => {
      expectFailure(await api.get('/apis/example.com/v1/gadgets'), { ...notFound, details: {} })
      expectFailure(await api.get('/apis/example.com/v9/widgets'), { ...notFound, details: {} })
    },
  },
  {
    number: 8,
    sentence: 'A name of 253 characters with dots works in all item routes.',
    play: async ({ api, create, widgets }) => {
      const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(70)}`
      assert.equal(name.length, 253)
      await create(name)
      expectObject(await api.get(`${widgets}/${name}`))
      expectObject(await api.get(`${widgets}/${name}/status`))
      expectObject(await api.call('DELETE', `${widgets}/${name}`))
    },
  },
]
