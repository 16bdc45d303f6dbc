import t from 'tap'
import type { Condition } from './conditions.ts'
import { setCondition } from './conditions.ts'
import { formatGoDuration, parseGoDuration } from './duration.ts'
import { compareVersions, formatApiVersion, parseApiVersion, qualifiedName } from './group-version.ts'
import { compareResourceVersions, isResourceVersion } from './resource-version.ts'
import { formatMicroTime, formatTime, parseTime } from './time.ts'

t.test('durations are those of Go', (t) => {
  const cases = [
    ['0', 0, '0s'],
    ['1h', 3_600_000, '1h0m0s'],
    ['1h30m0.5s', 5_400_500, '1h30m0.5s'],
    ['-1m', -60_000, '-1m0s'],
    ['+1.5s', 1500, '1.5s'],
    ['20ms', 20, '20ms'],
    ['1us', 0.001, '1µs'],
    ['.5µs', 0.0005, '500ns'],
    ['100h', 360_000_000, '100h0m0s'],
  ] as const
  for (const [text, durationMs, formatted] of cases) {
    t.equal(parseGoDuration(text), durationMs, text)
    t.equal(formatGoDuration(durationMs), formatted, text)
  }
  for (const text of ['', '1', '1d', 'h', '1 h', '1h ', '-', '.s', '1e3s', '3000000h'])
    t.equal(parseGoDuration(text), undefined, text)
  t.end()
})

t.test('times are RFC 3339', (t) => {
  const moment = Date.UTC(2026, 1, 28, 23, 59, 58, 789)
  t.equal(formatTime(moment), '2026-02-28T23:59:58Z')
  t.equal(formatMicroTime(moment), '2026-02-28T23:59:58.789000Z')
  t.equal(parseTime('2026-02-28T23:59:58.789Z'), moment)
  t.equal(parseTime('2026-03-01T01:29:58.789999+01:30'), moment)
  for (const text of [
    '2026-02-29T00:00:00Z',
    '2026-02-28',
    '2026-02-28 00:00:00Z',
    '2026-02-28T24:00:00Z',
    '26-02-28T00:00:00Z',
    'now',
  ]) {
    t.equal(parseTime(text), undefined, text)
  }
  t.end()
})

t.test('a condition keeps its time until its status changes', (t) => {
  const now = '2026-01-02T00:00:00Z'
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Synced',
    message: 'ok',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  const other = { type: 'Other', status: 'False' }
  const list: readonly Condition[] = [ready, other]
  t.equal(setCondition(list, { type: 'Ready', status: 'True', reason: 'Synced', message: 'ok' }, now), list)
  t.strictSame(setCondition(list, { type: 'Ready', status: 'True', reason: 'Again' }, now)[0], {
    type: 'Ready',
    status: 'True',
    reason: 'Again',
    lastTransitionTime: ready.lastTransitionTime,
  })
  t.equal(setCondition(list, { type: 'Ready', status: 'False' }, now)[0]?.lastTransitionTime, now)
  t.strictSame(setCondition(undefined, other, now), [{ ...other, lastTransitionTime: now }])
  t.end()
})

t.test('versions go from stable and new to old', (t) => {
  const sorted = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'bar', 'foo1', 'v01']
  t.strictSame(sorted.toReversed().sort(compareVersions), sorted)
  t.strictSame(parseApiVersion('v1'), { group: '', version: 'v1' })
  t.strictSame(parseApiVersion('a.b/v1'), { group: 'a.b', version: 'v1' })
  for (const text of ['', '/', 'a/', '/v1', 'a/b/c']) t.equal(parseApiVersion(text), undefined, text)
  t.equal(formatApiVersion({ group: 'a.b', version: 'v1' }), 'a.b/v1')
  t.equal(qualifiedName('pods', ''), 'pods')
  t.end()
})

t.test('resource versions are compared as numbers of any length', (t) => {
  t.ok(compareResourceVersions('9', '10') < 0)
  t.ok(compareResourceVersions('99999999999999999999', '100000000000000000000') < 0)
  t.equal(compareResourceVersions('7', '7'), 0)
  t.ok(isResourceVersion('0') && isResourceVersion('10'))
  for (const text of ['', '01', '-1', '1.5', 'a']) t.notOk(isResourceVersion(text), text)
  t.end()
})
