import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { formatMicroTime } from '../../machinery/time.ts'

export interface AuditFileOptions {
  readonly path: string
  /** A file that would grow beyond is put aside; 0 never. */
  readonly bytesMax: number
  /** Files put aside that are kept, the newest; 0 all. */
  readonly backupsMax: number
  readonly clock: Clock
}

/** JSON lines in a file that its owner alone may read, put aside under the time when it is full. */
export class AuditFile implements AsyncDisposable {
  readonly #options: AuditFileOptions
  #file: FileHandle | undefined
  #bytes = 0

  constructor(options: AuditFileOptions) {
    this.#options = options
  }

  /** At the start, so that a path that cannot be written is known before events are lost. */
  async open(): Promise<void> {
    this.#file ??= await this.#open()
  }

  async append(lines: readonly string[]): Promise<void> {
    for (const part of this.#parts(lines)) {
      const { bytesMax } = this.#options
      this.#file ??= await this.#open()
      if (bytesMax > 0 && this.#bytes > 0 && this.#bytes + part.length > bytesMax) await this.#putAside()
      await this.#file.appendFile(part)
      this.#bytes += part.length
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  /** The lines joined to pieces that fit one file each. */
  #parts(lines: readonly string[]): readonly Buffer[] {
    const parts: Buffer[][] = [[]]
    let bytes = this.#bytes
    for (const line of lines) {
      const piece = Buffer.from(`${line}\n`)
      if (this.#options.bytesMax > 0 && bytes > 0 && bytes + piece.length > this.#options.bytesMax) {
        parts.push([])
        bytes = 0
      }
      parts.at(-1)?.push(piece)
      bytes += piece.length
    }
    return parts.filter((part) => part.length > 0).map((part) => Buffer.concat(part))
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#options.path), { recursive: true, mode: 0o700 })
    const file = await open(this.#options.path, 'a', 0o600)
    await file.chmod(0o600)
    this.#bytes = (await file.stat()).size
    return file
  }

  async #putAside(): Promise<void> {
    const { path, clock } = this.#options
    // What fails from here on begins anew with the next events.
    await this[Symbol.asyncDispose]()
    const { folder, start, end } = this.#names
    const time = formatMicroTime(clock.now()).slice(0, 23).replaceAll(':', '-')
    let aside = join(folder, `${start}${time}${end}`)
    for (let count = 1; (await readdir(folder)).includes(basename(aside)); count += 1) {
      aside = join(folder, `${start}${time}.${count}${end}`)
    }
    await rename(path, aside)
    this.#file = await this.#open()
    await this.#forgetOld()
  }

  async #forgetOld(): Promise<void> {
    const { backupsMax } = this.#options
    if (backupsMax === 0) return
    const { folder, start, end } = this.#names
    const isOurs = (name: string): boolean => name.startsWith(start) && name.endsWith(end)
    const asides = (await readdir(folder)).filter(isOurs).sort()
    for (const name of asides.slice(0, Math.max(0, asides.length - backupsMax))) await rm(join(folder, name))
  }

  /** `audit.log` is put aside as `audit-2026-01-02T15-04-05.000.log`, as kube-apiserver does it. */
  get #names(): { readonly folder: string; readonly start: string; readonly end: string } {
    const { path } = this.#options
    const end = extname(path)
    return { folder: dirname(path), start: `${basename(path, end)}-`, end }
  }
}
