import t from 'tap'
import { fuzz } from './run.ts'

t.test('requests that nobody expects are answered, and refusals change nothing', async (t) => {
  const [seed, countMax] = [1, 1_200]
  const { count, statuses, findings } = await fuzz({ seed, goesOn: (index) => index < countMax })
  for (const finding of findings) t.fail(`seed ${seed}: ${finding}`)
  t.equal(count, countMax)
  for (const code of [200, 201, 400, 404, 409, 422]) t.ok((statuses.get(code) ?? 0) > 10, `some are answered ${code}`)
})
