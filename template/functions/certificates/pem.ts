/** A PEM block; `headers` are the lines as they stand. */
export interface PemBlock {
  readonly type: string
  readonly headers: readonly string[]
  readonly bytes: Buffer
}

const begin = '-----BEGIN '
const end = '\n-----END '
const dashes = '-----'

/** The blocks in order, and what follows the last one that can be read. */
export function pemBlocks(text: string): { readonly blocks: readonly PemBlock[]; readonly rest: string } {
  const blocks: PemBlock[] = []
  let restAt = 0
  let endAt = -1
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, Math.max(at + 1, restAt))) {
    if (at > 0 && text[at - 1] !== '\n') continue
    if (endAt <= at) endAt = text.indexOf(end, at)
    if (endAt < 0) break
    const lineEnd = newlineAt(text, endAt + 1)
    const block = blockOf(text.slice(at + begin.length, endAt), text.slice(endAt + end.length, lineEnd))
    if (!block) continue
    blocks.push(block)
    restAt = Math.min(text.length, lineEnd + 1)
  }
  return { blocks, rest: text.slice(restAt) }
}

/** From behind the words that begin it to its last line, and what that last line says. */
function blockOf(text: string, closing: string): PemBlock | undefined {
  const typeEnd = text.indexOf(dashes)
  const type = text.slice(0, typeEnd)
  const headEnd = newlineAt(text, 0)
  const isFramed = typeEnd >= 0 && text.slice(typeEnd + 5, headEnd).trim() === '' && !type.includes('\n')
  if (!isFramed || closing.trimEnd() !== type + dashes) return undefined
  const lines = text.slice(headEnd + 1).split('\n')
  const bodyAt = lines.findIndex((line) => !line.includes(':'))
  const digits = (bodyAt < 0 ? [] : lines.slice(bodyAt)).join('').replace(/[ \t\r]/g, '')
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return undefined
  const headers = lines.slice(0, Math.max(0, bodyAt)).map((line) => line.trim())
  return { type, headers, bytes: Buffer.from(digits, 'base64') }
}

function newlineAt(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at < 0 ? text.length : at
}

export function pemText({ type, headers = [], bytes }: Omit<PemBlock, 'headers'> & Partial<PemBlock>): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  const head = headers.length === 0 ? [] : [...headers, '']
  return [`-----BEGIN ${type}-----`, ...head, ...lines, `-----END ${type}-----`, ''].join('\n')
}
