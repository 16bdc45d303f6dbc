import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { StorageError } from '../errors.ts'

// The layout of lmdb-js' LMDB (mdb.c), 64 bit, little-endian: a page begins with 24 bytes (number, transaction, pad,
// flags, lower, upper); pages 0 and 1 are meta pages; a table is described by 48 bytes that end with its root page.
const headerBytes = 24
const tableBytes = 48
const metaMagic = 0xbeefc0de
const dataVersion = 2
const pageFlags = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08 } as const
const nodeFlags = { big: 0x01, table: 0x02, duplicates: 0x04 } as const
const noPage = -1
const depthMax = 32

/**
 * Walks every page that the newest state reaches. LMDB maps the file and follows page numbers on trust: a truncated or
 * overwritten file would crash the process (SIGBUS, SIGSEGV) or, worse, answer with less than was stored.
 *
 * Checked: both meta pages; each page's own number, kind, bounds and place inside the file; each table's order of keys,
 * over all its pages, and its count of entries. Values are not read: the log's checksums cover them.
 *
 * Rejects with `corrupt` or, when LMDB wrote another format, with `format`. A missing or empty file is a new store,
 * unless one is `expected`.
 */
export function checkLmdbFile(path: string, options: { readonly expected: boolean }): void {
  const descriptor = openExisting(path)
  if (descriptor === undefined) return refuseMissing(path, options.expected)
  try {
    const { size } = fstatSync(descriptor)
    if (size === 0) return refuseMissing(path, options.expected)
    new LmdbFile(path, descriptor, size).check()
  } finally {
    closeSync(descriptor)
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function refuseMissing(path: string, expected: boolean): void {
  if (expected) throw new StorageError('corrupt', `${path} is missing or empty, though a store was set up here`)
}

interface Meta {
  readonly transaction: bigint
  readonly pageBytes: number
  readonly lastPage: number
  readonly free: Table
  readonly main: Table
}

interface Table {
  readonly root: number
  readonly entries: number
  readonly ordered: boolean
}

/** Keys of a subtree lie in [from, until); undefined is open. */
interface Bounds {
  readonly from: Buffer | undefined
  readonly until: Buffer | undefined
}

/** Where a page stands. */
interface Place {
  readonly table: Table
  readonly depth: number
  readonly bounds: Bounds
}

class LmdbFile {
  readonly #path: string
  readonly #descriptor: number
  readonly #bytes: number
  readonly #seen = new Set<number>()
  readonly #free: Buffer[] = []
  /** Pages that were looked through, to be read into again. */
  readonly #spare: Buffer[] = []
  #pageBytes = 0

  constructor(path: string, descriptor: number, bytes: number) {
    this.#path = path
    this.#descriptor = descriptor
    this.#bytes = bytes
  }

  check(): void {
    const first = this.#meta(0)
    const second = this.#meta(first.pageBytes)
    const newest = first.transaction >= second.transaction ? first : second
    this.#pageBytes = newest.pageBytes
    this.#checkTable(newest.free)
    this.#checkTable(newest.main)
    this.#checkFree(newest.lastPage)
  }

  #meta(offset: number): Meta {
    const page = this.#read(offset, Buffer.allocUnsafe(headerBytes + 160))
    const meta = page.subarray(headerBytes)
    if (page.readUInt16LE(18) !== pageFlags.meta || meta.readUInt32LE(0) !== metaMagic)
      this.#refuse('a meta page is damaged')
    if ((meta.readUInt32LE(4) & 0xffff) !== dataVersion)
      throw new StorageError('format', `${this.#path}: another LMDB wrote it`)
    const pageBytes = meta.readUInt32LE(24)
    if (pageBytes < 512 || pageBytes > 65536 || (pageBytes & (pageBytes - 1)) !== 0)
      this.#refuse('its page size is damaged')
    const free = { ...readTable(meta.subarray(24)), ordered: false }
    const main = readTable(meta.subarray(24 + tableBytes))
    return { pageBytes, lastPage: readNumber(meta, 120), free, main, transaction: meta.readBigUInt64LE(128) }
  }

  #checkTable(table: Table): void {
    const open: Bounds = { from: undefined, until: undefined }
    const entries = table.root === noPage ? 0 : this.#checkTree(table.root, { table, depth: 0, bounds: open })
    if (entries !== table.entries) this.#refuse(`a table has ${entries} entries instead of ${table.entries}`)
  }

  /** Answers the number of entries below. */
  #checkTree(number: number, at: Place): number {
    const { table, depth, bounds } = at
    const page = this.#beginOf(number, this.#spare.pop() ?? Buffer.allocUnsafe(this.#pageBytes))
    const flags = page.readUInt16LE(18)
    const isBranch = flags === pageFlags.branch
    if ((!isBranch && flags !== pageFlags.leaf) || depth > depthMax)
      this.#refuse(`page ${number} is of no kind expected there`)
    const nodes = this.#nodes(page, number)
    if (table.ordered) this.#checkOrder(isBranch ? nodes.slice(1) : nodes, bounds, number)
    if (!isBranch) for (const node of nodes) this.#checkValue(page, node, table)
    const entries = isBranch ? this.#checkBelow(nodes, at) : nodes.length
    this.#spare.push(page)
    return entries
  }

  #checkBelow(nodes: readonly Node[], { table, depth, bounds }: Place): number {
    return nodes.reduce((sum, node, index) => {
      const from = index === 0 ? bounds.from : node.key
      const until = nodes[index + 1]?.key ?? bounds.until
      return sum + this.#checkTree(node.child, { table, depth: depth + 1, bounds: { from, until } })
    }, 0)
  }

  #checkOrder(nodes: readonly Node[], { from, until }: Bounds, number: number): void {
    let last = from
    for (const { key } of nodes) {
      const order = last ? Buffer.compare(last, key) : -1
      if (order > 0 || (order === 0 && last !== from)) this.#refuse(`page ${number} is out of order`)
      last = key
    }
    if (last && until && Buffer.compare(last, until) >= 0) this.#refuse(`page ${number} is out of order`)
  }

  #checkValue(page: Buffer, { flags, dataAt, dataBytes, valueBytes }: Node, { ordered }: Table): void {
    if (ordered && flags === 0) return
    const data = page.subarray(dataAt, dataAt + dataBytes)
    if (!ordered && !flags) this.#free.push(Buffer.from(data))
    if (flags & nodeFlags.table) {
      if (data.length !== tableBytes || flags & nodeFlags.duplicates) this.#refuse('a table is damaged')
      this.#checkTable(readTable(data))
    } else if (flags & nodeFlags.big) {
      const number = readNumber(data, 0)
      const header = this.#beginOf(number, Buffer.allocUnsafe(headerBytes))
      const pages = header.readUInt32LE(20)
      const enough = pages * this.#pageBytes >= headerBytes + valueBytes
      const inside = (number + pages) * this.#pageBytes <= this.#bytes
      if (header.readUInt16LE(18) !== pageFlags.overflow || !enough || !inside)
        this.#refuse(`page ${number} is damaged`)
      if (!ordered) this.#free.push(this.#read(number * this.#pageBytes + headerBytes, Buffer.allocUnsafe(valueBytes)))
    }
  }

  /** LMDB writes into free pages: one in use would be lost. A list is its length, pages and, below 0, block lengths. */
  #checkFree(lastPage: number): void {
    for (const list of this.#free) {
      const numbers = Array.from({ length: Math.floor(list.length / 8) }, (_, index) => readNumber(list, 8 * index))
      const [length = -1, ...pages] = numbers
      const inUse = pages.slice(0, length).some((page) => this.#seen.has(page) || page > lastPage || page === 1)
      if (length < 0 || length > pages.length || inUse) this.#refuse('the list of free pages is damaged')
    }
  }

  #nodes(page: Buffer, number: number): Node[] {
    const lower = page.readUInt16LE(20)
    const upper = page.readUInt16LE(22)
    const roomBytes = this.#pageBytes - headerBytes
    if (lower > upper || upper > roomBytes || lower % 2 !== 0) this.#refuse(`page ${number} is damaged`)
    const nodes: Node[] = []
    for (let at = headerBytes; at < headerBytes + lower; at += 2) {
      const offset = page.readUInt16LE(at)
      const node = offset >= upper && offset + 8 <= roomBytes ? readNode(page, headerBytes + offset) : undefined
      nodes.push(node ?? this.#refuse(`page ${number} is damaged`))
    }
    return nodes
  }

  /** Each page is reached once and bears its own number. */
  #beginOf(number: number, bytes: Buffer): Buffer {
    if (number < 2 || this.#seen.has(number)) this.#refuse(`page ${number} is referred to where it cannot be`)
    this.#seen.add(number)
    this.#read(number * this.#pageBytes, bytes)
    if (readNumber(bytes, 0) !== number) this.#refuse(`page ${number} is damaged`)
    return bytes
  }

  #read(offset: number, bytes: Buffer): Buffer {
    if (readSync(this.#descriptor, bytes, 0, bytes.length, offset) !== bytes.length) this.#refuse('it is truncated')
    return bytes
  }

  #refuse(reason: string): never {
    throw new StorageError('corrupt', `${this.#path}: ${reason}`)
  }
}

interface Node {
  readonly key: Buffer
  readonly flags: number
  /** What stands in the leaf: the value, or where it is. */
  readonly dataAt: number
  readonly dataBytes: number
  readonly valueBytes: number
  /** Of a branch: the page below. */
  readonly child: number
}

/** Undefined where the node leaves its page. */
function readNode(page: Buffer, offset: number): Node | undefined {
  const low = page.readUInt32LE(offset)
  const flags = page.readUInt16LE(offset + 4)
  const isBranch = page.readUInt16LE(18) === pageFlags.branch
  const keyEnd = offset + 8 + page.readUInt16LE(offset + 6)
  const dataBytes = isBranch ? 0 : flags & nodeFlags.big ? 24 : low
  if (keyEnd + dataBytes > page.length) return undefined
  const key = page.subarray(offset + 8, keyEnd)
  return { key, flags, dataAt: keyEnd, dataBytes, valueBytes: low, child: low + flags * 2 ** 32 }
}

function readTable(bytes: Buffer): Table {
  return { entries: readNumber(bytes, 32), root: readNumber(bytes, 40), ordered: true }
}

/** Page numbers and counts; "no page" is all ones. */
function readNumber(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigInt64LE(offset))
}
