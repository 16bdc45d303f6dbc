// What a store keeps when its process, its disk or its files fail. `npm run faults` runs more rounds: --rounds N.
import { execFileSync, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Key, KeyRange } from '../../storage/backend.ts'
import { embeddedTestOptions } from '../../storage/conformance/embedded-options.ts'
import { Ledger } from '../../storage/conformance/faults.ts'
import { StorageError } from '../../storage/errors.ts'
import { openBackend } from '../../storage/open.ts'
import { checkStore } from '../../hack/check-store.ts'
import { damage, damages } from './damage.ts'
import { spawnStore } from './spawn-store.ts'
import { unsyncedAcknowledgements } from './trace.ts'

const everything: KeyRange = { start: '/' as Key, end: '0' as Key }
const shortRounds = 4
const isRoot = process.getuid?.() === 0
const nobody = 65534

function rounds(): number {
  const index = process.argv.indexOf('--rounds')
  return index < 0 ? shortRounds : Number(process.argv[index + 1])
}

/** The runner's own limit is for tests of seconds; a round takes one, far more on a busy machine. */
t.setTimeout(60_000 + rounds() * 30_000)

function newDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'faults-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function straceMissing(): string | false {
  const tried = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'])
  if (tried.error) return 'strace is not on this machine'
  return tried.status === 0 ? false : 'strace may not trace on this machine'
}

/** For root permissions are no obstacle: somebody else tries, if he reaches Node and these files. */
function otherUserMissing(): string | false {
  if (!isRoot) return false
  const tried = spawnSync(process.execPath, ['--check', import.meta.filename], { uid: nobody, stdio: 'ignore' })
  return tried.status === 0 ? false : 'Node or the checkout lies where only root may enter'
}

/** A file system of 6 MB, where one can be mounted. */
function smallDisk(): { readonly directory: string; readonly missing: string | false } {
  const directory = mkdtempSync(join(tmpdir(), 'faults-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', directory]).status === 0
  t.teardown(() => {
    if (mounted) execFileSync('umount', [directory])
    rmSync(directory, { recursive: true, force: true })
  })
  return { directory, missing: mounted ? false : 'no small file system can be mounted on this machine' }
}

function open(directory: string) {
  return openBackend({ kind: 'lmdb', directory, ...embeddedTestOptions })
}

/** The code of the refusal, or what was opened closed again. */
async function openingCode(directory: string): Promise<string> {
  try {
    const backend = await open(directory)
    await backend.list(everything, { limit: Number.POSITIVE_INFINITY })
    await backend[Symbol.asyncDispose]()
    return 'opened'
  } catch (error) {
    if (error instanceof StorageError) return error.code
    throw error
  }
}

t.test(
  'a process that is killed under 64 writers loses nothing acknowledged, leaves nothing half and repeats no revision',
  async (t) => {
    const directory = newDirectory(t)
    const ledger = new Ledger()
    for (let round = 0; round < rounds(); round++) {
      const killAfter = randomInt(1, 4000)
      const { child, lines } = spawnStore({ directory, work: 'writers' })
      let acknowledged = 0
      for await (const line of lines) {
        ledger.hear(line)
        if (/^(ack|won)/.test(line) && ++acknowledged === killAfter) child.kill('SIGKILL')
      }
      t.equal(child.signalCode, 'SIGKILL', `round ${round}, killed after ${killAfter} acknowledgements`)
      const backend = await open(directory)
      t.same(await ledger.judge(backend), [])
      if (round % 2 === 1) await backend.compact?.(await backend.barrier(everything))
      await backend[Symbol.asyncDispose]()
      t.same((await checkStore(directory)).findings, [])
    }
    t.comment(`${ledger.acknowledged} acknowledged writes`)
  },
)

t.test('every acknowledgement comes behind a sync of its write', { skip: straceMissing() }, async (t) => {
  const directory = newDirectory(t)
  const trace = join(directory, 'trace')
  const calls = 'trace=openat,fsync,fdatasync,msync,pwrite64,pwritev,write'
  const prefix = ['strace', '-f', '-s', '128', '-e', calls, '-o', trace]
  const traced = spawnStore({ directory: join(directory, 'store'), work: 'traced', prefix })
  const lines = await traced.rest()
  t.equal(lines.filter((line) => line.startsWith('ack')).length, 80)
  t.same(unsyncedAcknowledgements(readFileSync(trace, 'utf8')), { acknowledged: 80, unsynced: [] })
})

const small = smallDisk()
t.test(
  'a full disk refuses writes by name and takes them again when there is room',
  { skip: small.missing },
  async (t) => {
    const directory = small.directory
    const ballast = join(directory, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1 << 20))
    const store = join(directory, 'store')
    const backend = await open(store)
    const made: Key[] = []
    const fill = async () => {
      for (let index = made.length; ; index++) {
        const key = `/f/${String(index).padStart(5, '0')}` as Key
        await backend.create(key, Buffer.alloc(20_000, 1))
        made.push(key)
      }
    }
    await t.rejects(fill(), { code: 'full' })
    t.ok(made.length > 50)
    await t.rejects(fill(), { code: 'full' }, 'and again')
    const keys = async () => (await backend.list(everything, { limit: 10_000 })).entries.map(({ key }) => key)
    t.same(await keys(), made)
    rmSync(ballast)
    const before = made.length
    await t.rejects(fill(), { code: 'full' })
    t.ok(made.length > before, 'there was room for more')
    t.same(await keys(), made)
    await backend[Symbol.asyncDispose]()
    t.same((await checkStore(store)).findings, [])
    t.equal((await checkStore(store)).keys, made.length)
  },
)

t.test('a limit on the size of files refuses writes and loses none', async (t) => {
  const directory = newDirectory(t)
  const prefix = ['bash', '-c', 'ulimit -S -f 2048 && exec "$@"', 'limited']
  const lines = await spawnStore({ directory, work: 'fill', prefix }).rest()
  const acknowledged = lines.filter((line) => line.startsWith('ack')).length
  t.ok(acknowledged > 20)
  t.equal(lines.at(-1), 'error full')
  const backend = await open(directory)
  t.equal((await backend.list(everything, { limit: 10_000 })).entries.length, acknowledged)
  await backend.create('/f/more' as Key, Buffer.alloc(20_000))
  await backend[Symbol.asyncDispose]()
})

t.test('a directory that cannot be written is read-only', { skip: otherUserMissing() }, async (t) => {
  const directory = newDirectory(t)
  t.equal(await openingCode(join(directory, 'store')), 'opened')
  chmodSync(directory, 0o755)
  chmodSync(join(directory, 'store'), 0o555)
  const foreign = spawnStore({ directory: join(directory, 'store'), work: 'hold', ...(isRoot && { uid: nobody }) })
  t.same(await foreign.rest(), ['error read-only'])
  const below = spawnStore({ directory: join(directory, 'store', 'new'), work: 'hold', ...(isRoot && { uid: nobody }) })
  t.same(await below.rest(), ['error read-only'])
})

t.test('a second process on the same directory is refused as long as the first one lives', async (t) => {
  const directory = newDirectory(t)
  const holder = spawnStore({ directory, work: 'hold' })
  t.equal(await holder.line(), 'open')
  t.equal(await openingCode(directory), 'locked')
  await t.rejects(checkStore(directory), { code: 'locked' })
  holder.child.kill('SIGSTOP')
  t.equal(await openingCode(directory), 'locked', 'a stopped process is alive')
  holder.child.kill('SIGKILL')
  await holder.rest()
  t.equal(await openingCode(directory), 'opened', 'a dead one is not')
})

t.test('of many processes that start together at most one gets the directory', async (t) => {
  const directory = newDirectory(t)
  const started = Array.from({ length: 5 }, () => spawnStore({ directory, work: 'hold' }))
  const said = await Promise.all(started.map((each) => each.line()))
  t.ok(said.every((line) => line === 'open' || line === 'error locked'))
  t.ok(said.filter((line) => line === 'open').length <= 1)
  for (const { child } of started) child.stdin?.end()
  await Promise.all(started.map((each) => each.rest()))
  t.equal(await openingCode(directory), 'opened')
})

t.test('a directory with a long name is locked as well', async (t) => {
  const directory = join(newDirectory(t), 'x'.repeat(200))
  const backend = await open(directory)
  t.equal(await openingCode(directory), 'locked')
  await backend[Symbol.asyncDispose]()
  t.equal(await openingCode(directory), 'opened')
})

t.test('directory and files are private', async (t) => {
  const directory = join(newDirectory(t), 'store')
  mkdirSync(directory, { mode: 0o755 })
  const backend = await open(directory)
  const mode = (name: string) => statSync(join(directory, name)).mode & 0o777
  t.same(['.', 'data.mdb', 'data.mdb-lock', 'format'].map(mode), [0o700, 0o600, 0o600, 0o600])
  await backend[Symbol.asyncDispose]()
})

t.test('a data file that was removed or replaced takes no more writes', async (t) => {
  for (const replaced of [false, true]) {
    const directory = join(newDirectory(t), 'store')
    const backend = await open(directory)
    await backend.create('/a' as Key, Buffer.from('kept'))
    t.equal(backend.failure?.(), undefined)
    if (replaced) cpSync(join(directory, 'data.mdb'), join(directory, 'copy'))
    rmSync(join(directory, 'data.mdb'))
    if (replaced) cpSync(join(directory, 'copy'), join(directory, 'data.mdb'))
    await t.rejects(backend.create('/b' as Key, Buffer.from('lost')), { code: 'unavailable' })
    await t.rejects(backend.create('/c' as Key, Buffer.from('lost')), { code: 'unavailable' })
    t.match(backend.failure?.(), /removed or replaced/)
    await backend[Symbol.asyncDispose]()
  }
})

t.test('a damaged store is refused by name, and never shows less than was stored', async (t) => {
  const directory = newDirectory(t)
  const store = join(directory, 'store')
  const backend = await open(store)
  for (let index = 0; index < 300; index++) {
    const key = `/f/${index % 200}` as Key
    const found = await backend.get(key)
    const value = Buffer.alloc(index % 7 === 0 ? 9000 : 300 + index, index)
    await (found ? backend.replace(key, value, found.revision) : backend.create(key, value))
  }
  const list = await backend.list(everything, { limit: 1000 })
  await backend[Symbol.asyncDispose]()
  const damaged = join(directory, 'damaged')
  const afresh = () => {
    rmSync(damaged, { recursive: true, force: true })
    cpSync(store, damaged, { recursive: true })
  }
  for (const [name, { harm, code }] of Object.entries(damages)) {
    afresh()
    harm(damaged)
    t.equal(await openingCode(damaged), code, name)
  }
  for (let round = 0; round < 15 * rounds(); round++) {
    afresh()
    const what = damage(join(damaged, 'data.mdb'), round)
    try {
      const again = await open(damaged)
      const shown = await again.list(everything, { limit: 1000 }).finally(() => again[Symbol.asyncDispose]())
      t.same(shown, list, what)
    } catch (error) {
      t.ok(error instanceof StorageError && ['corrupt', 'format'].includes(error.code), what)
    }
  }
})
