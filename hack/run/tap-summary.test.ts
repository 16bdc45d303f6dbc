import t from 'tap'
import { TapSummary } from './tap-summary.mjs'

/** The counts and the printed lines of a run that gave this TAP. */
function summary(tap: string): { counts: readonly number[]; skips: readonly string[]; printed: string } {
  const printed: string[] = []
  const reader = new TapSummary((text: string) => printed.push(text))
  for (const line of tap.split('\n')) reader.line(line)
  return { counts: [reader.passed, reader.failed, reader.skipped], skips: reader.skips, printed: printed.join('\n') }
}

t.test('only leaves count, at any depth', async (t) => {
  const { counts } = summary(
    [
      '# Subtest: a.test.js',
      '    # Subtest: outer',
      '        # Subtest: inner',
      '            ok 1 - one',
      '            ok 2 - two # time=1.5ms',
      '            1..2',
      '        ok 1 - inner # time=2ms',
      '        1..1',
      '    ok 1 - outer # time=3ms',
      '    ok 2 - flat',
      '    1..2',
      'ok 1 - a.test.js # time=9ms',
    ].join('\n'),
  )
  t.same(counts, [3, 0, 0])
})

t.test('a skip counts with its reason', async (t) => {
  const { counts, skips } = summary('# Subtest: a\n    ok 1 - real peer # SKIP no kubectl here\n    1..1\nok 1 - a')
  t.same(counts, [0, 0, 1])
  t.same(skips, ['a > real peer: no kubectl here'])
})

t.test('a failure is printed with its diagnostics, and its parents are not counted again', async (t) => {
  const { counts, printed } = summary(
    [
      '# Subtest: a',
      '    not ok 1 - equal',
      '      ---',
      '      diff: gone',
      '      ...',
      '    1..1',
      'not ok 1 - a',
    ].join('\n'),
  )
  t.same(counts, [0, 1, 0])
  t.match(printed, /diff: gone/)
})

t.test('a file that dies without a result is a failure', async (t) => {
  t.same(summary('# Subtest: a\n    1..0\nnot ok 1 - a').counts, [0, 1, 0])
})
