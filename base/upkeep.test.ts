import { getEventListeners } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { Bell } from './waiting/bell.ts'
import { WatchBell } from './waiting/watch-bell.ts'
import { type Clock, systemClock } from './clock.ts'
import { silentLogger, type LogFields, type Logger } from './log.ts'
import { Metrics } from './metrics.ts'
import { limited } from './waiting/limited.ts'
import { onAbort } from './waiting/on-abort.ts'
import { unlessAborted } from './waiting/unless-aborted.ts'
import { until } from '../test/support/until.ts'
import { pinoLog } from './pino-log.ts'
import { Shutdown } from './shutdown.ts'

t.test('metrics in the text form of Prometheus', async (t) => {
  const metrics = new Metrics()
  const requests = metrics.counter('requests_total', 'Requests.')
  const delay = metrics.histogram('delay_seconds', 'Delays.', [0.1, 1])
  const open = metrics.gauge('open', 'Open ones.')
  requests.add({ code: '200' })
  requests.of({ code: '200' }).add(2)
  requests.add({ code: 'a"b\\c\nd' })
  delay.of({ verb: 'GET' }).observe(0.05)
  delay.of({ verb: 'GET' }).add(delay.tally([0.5, 5]))
  metrics.onRender(() => open.set({}, 5))
  metrics.onRender(() => open.add({}, 2))
  t.equal(
    metrics.render(),
    `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200"} 3
requests_total{code="a\\"b\\\\c\\nd"} 1
# HELP delay_seconds Delays.
# TYPE delay_seconds histogram
delay_seconds_bucket{verb="GET",le="0.1"} 1
delay_seconds_bucket{verb="GET",le="1"} 2
delay_seconds_bucket{verb="GET",le="+Inf"} 3
delay_seconds_sum{verb="GET"} 5.55
delay_seconds_count{verb="GET"} 3
# HELP open Open ones.
# TYPE open gauge
open 7
`,
  )
})

t.test('bounds are written as Go writes them', async (t) => {
  const metrics = new Metrics()
  const bounds = [0, 1e-8, 0.00012, 0.5, 131_072, 999_999, 1e6, 2_592_000, 15_552_000, 1e12]
  metrics.histogram('many', 'Many.', bounds).observe({}, 1)
  const texts = [...metrics.render().matchAll(/le="([^"]+)"/g)].map(([, text]) => text)
  const exponents = ['1e+06', '2.592e+06', '1.5552e+07', '1e+12']
  t.same(texts, ['0', '1e-08', '0.00012', '0.5', '131072', '999999', ...exponents, '+Inf'])
})

t.test('whoever chooses labels cannot fill the memory', async (t) => {
  const metrics = new Metrics()
  const counter = metrics.counter('things_total', 'Things.')
  for (let index = 0; index < 5000; index += 1) counter.add({ name: `n${index}` })
  const lines = metrics.render().split('\n')
  t.ok(lines.length < 2010)
  t.ok(lines.includes('things_total{overflow="true"} 3000'))
})

t.test('logs are lines of JSON above their level, without what values travel under', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'log')
  const log = pinoLog({ level: 'info', descriptor: openSync(file, 'w') })
  log.debug('hidden')
  log.child({ part: 'test' }).info('shown', { count: 1, token: 'canary', data: 'canary' })
  log.error('failed', { code: 'EIO' })
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  t.match(
    lines.map((line) => JSON.parse(line) as object),
    [
      { level: 'info', msg: 'shown', part: 'test', count: 1, token: '[redacted]' },
      { level: 'error', msg: 'failed', code: 'EIO' },
    ],
  )
  t.notMatch(lines.join(), 'canary')
})

t.test('a thousand that wait for the end of one signal are one listener of it', async (t) => {
  const end = new AbortController()
  const { signal } = end
  const bell = new Bell()
  let heard = 0
  const takeBack = onAbort(signal, () => t.fail('it was taken back'))
  const waits = Array.from({ length: 500 }, () => [
    systemClock.sleep(3_600_000, signal).catch((reason: unknown) => t.equal(reason, signal.reason)),
    bell.rung(signal).then(() => (heard += 1)),
  ])
  t.equal(getEventListeners(signal, 'abort').length, 1)
  takeBack()
  end.abort(new Error('the end'))
  await Promise.all(waits.flat())
  t.equal(heard, 500)
  await t.rejects(systemClock.sleep(1, signal), { message: 'the end' })
  await bell.rung(signal)
  onAbort(signal, () => (heard += 1))
  t.equal(heard, 501, 'who comes too late is told at once')
})

t.test('who stops to read a watch without a word is let go with its signal', async (t) => {
  const end = new AbortController()
  const bells = new Set<WatchBell>()
  const silent = new WatchBell(end.signal, bells)
  const polite = new WatchBell(end.signal, bells)
  polite.end()
  t.same([...bells], [silent])
  const rung = silent.rung()
  end.abort()
  await rung
  t.equal(bells.size, 0)
  t.ok(new WatchBell(end.signal, bells))
  t.equal(bells.size, 0, 'who comes too late is not kept')
})

t.test('a signal to whose end nobody listens any more has no listener, so that it can be collected', async (t) => {
  const { signal } = new AbortController()
  const takeBack = [onAbort(signal, () => undefined), onAbort(signal, () => undefined)]
  takeBack[0]?.()
  t.equal(getEventListeners(signal, 'abort').length, 1)
  takeBack[1]?.()
  takeBack[1]?.()
  let slept = false
  void systemClock.sleep(1, signal).then(() => (slept = true))
  await until(() => slept)
  await unlessAborted(Promise.resolve(), signal)
  await nextTurn()
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

t.test('a limit comes although nobody has the signals that it is made of', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const end = new AbortController()
  const [late, ended] = [limited(20, end.signal), limited(3_600_000, end.signal)]
  await until(() => {
    collect()
    return late.aborted
  })
  t.match(late.reason, { name: 'TimeoutError' })
  end.abort(new Error('the end'))
  t.match(ended.reason, { message: 'the end' })
  t.match(limited(1, end.signal).reason, { message: 'the end' })
})

/** Every limit is reached at the next turn of the event loop. */
const hurried: Clock = { ...systemClock, sleep: () => nextTurn() }

t.test('parts end in the reverse order of their beginning, once, and none waits for one that hangs', async (t) => {
  const warned: (string | undefined)[] = []
  const log: Logger = { ...silentLogger, warn: (_, fields?: LogFields) => void warned.push(String(fields?.['part'])) }
  const shutdown = new Shutdown({ clock: hurried, log, stepTimeoutMs: 30 })
  const ended: string[] = []
  shutdown.onEnd('store', async () => void ended.push('store'))
  shutdown.onEnd('hangs', () => new Promise(() => undefined))
  shutdown.onEnd('fails', () => Promise.reject(new Error('no')))
  shutdown.runs('work', {
    run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(void ended.push('work')))),
  })
  await Promise.all([shutdown.end(), shutdown.end()])
  t.same(ended, ['work', 'store'])
  t.same(warned, ['fails', 'hangs'])
})

t.test('work that gives up is told by its name, and without its message', async (t) => {
  const logged: string[] = []
  const log: Logger = { ...silentLogger, error: (text, fields) => void logged.push(text + JSON.stringify(fields)) }
  const shutdown = new Shutdown({ clock: hurried, log, stepTimeoutMs: 30 })
  shutdown.runs('syncer', { run: () => Promise.reject(new TypeError('canary')) })
  t.equal(await shutdown.broken, 'syncer')
  t.match(logged.join(), /TypeError.*upkeep\.test/)
  t.notMatch(logged.join(), 'canary')
  await shutdown.end()
})
