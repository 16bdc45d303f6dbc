import t from 'tap'
import { openStandaloneTarget } from './standalone-target.ts'
import { statements } from './catalog.ts'
import { playAll } from './suite.ts'

t.test('the numbered statements hold for a standalone server', async (t) => {
  await using target = await openStandaloneTarget()
  await playAll(target, {
    chosen: statements,
    jobs: 8,
    report: ({ name, result, detail }) => {
      if (result === 'skipped') t.pass(name, { skip: detail ?? '' })
      else t.equal(detail, undefined, name)
    },
  })
})

t.test('every statement has a number of its own, in order', async (t) => {
  const numbers = statements.map(({ number }) => number)
  t.same(
    numbers,
    [...new Set(numbers)].sort((left, right) => left - right),
  )
})
