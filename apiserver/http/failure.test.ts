import t from 'tap'
import { StatusError } from '../../machinery/status.ts'
import { startBareServer } from '../../test/support/bare-server.ts'

t.test('a refusal with a code that HTTP does not have arrives as what it is (a webhook may say any)', async (t) => {
  await using bare = await startBareServer({
    dispatch: async ({ info }) => {
      throw new StatusError({ code: Number(info.name), reason: '', message: 'not so' })
    },
  })
  const codes = [
    [451, 451],
    [599, 599],
    [600, 500],
    [1000, 500],
  ] as const
  for (const [code, status] of codes) {
    const answer = await bare.admin.get(`/apis/example.com/v1/namespaces/a/widgets/${code}`)
    t.equal(answer.status, status)
    t.match(answer.json, { kind: 'Status', status: 'Failure', message: 'not so', code })
  }
})
