import type { Opaque } from '../values/value.ts'

const form = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

/** An absolute URL or path, taken apart as net/url of Go does: nothing is normalized but the escapes of the path. */
export class UrlValue implements Opaque {
  readonly typeName = 'kubernetes.URL'
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
  readonly #text: string

  constructor(text: string, parts: { scheme: string; host: string; path: string; query: string }) {
    this.#text = text
    this.scheme = parts.scheme
    this.host = parts.host
    this.path = parts.path
    this.query = parts.query
  }

  equals(other: Opaque): boolean {
    return other instanceof UrlValue && other.#text === this.#text
  }

  get hostname(): string {
    const bracket = /^\[(.*)\]/s.exec(this.host)?.[1]
    return bracket ?? this.host.replace(/:\d*$/, '')
  }

  get port(): string {
    return /:(\d*)$/.exec(this.host.replace(/^\[.*\]/s, ''))?.[1] ?? ''
  }

  get escapedPath(): string {
    const isEscaped = /^(?:[\w.~!$&'()*+,;=:@/[\]-]|%[0-9A-Fa-f]{2})*$/.test(this.path)
    return isEscaped ? this.path : escaped(this.path)
  }

  /** The values of each key, in order. A pair that cannot be read is left out, as Go's Query does. */
  get queryValues(): ReadonlyMap<string, readonly string[]> {
    const values = new Map<string, string[]>()
    for (const pair of this.query.split('&')) {
      if (pair === '' || pair.includes(';')) continue
      const [key = '', value = ''] = pair.split(/=(.*)/s).map(unescaped)
      if (key === undefined || value === undefined) continue
      values.set(key, [...(values.get(key) ?? []), value])
    }
    return values
  }
}

/** undefined for what url.ParseRequestURI refuses. */
export function parseUrl(text: string): UrlValue | undefined {
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) return undefined
  const [, scheme = '', authority, rest = '', query = ''] = form.exec(text) ?? []
  if (text === '*') return new UrlValue(text, { scheme: '', host: '', path: '*', query: '' })
  if (scheme === '' && !text.startsWith('/')) return undefined
  if (authority === undefined && !rest.startsWith('/')) {
    if (scheme === '') return undefined
    return new UrlValue(text, { scheme: scheme.toLowerCase(), host: '', path: '', query })
  }
  // Without a scheme, `//x` is a path: ParseRequestURI reads what a request line says.
  const host = (authority ?? '').replace(/^.*@/s, '')
  if (!isHost(host) || /%(?![0-9A-Fa-f]{2})/.test(rest)) return undefined
  return new UrlValue(text, { scheme: scheme.toLowerCase(), host, path: rest, query })
}

function isHost(host: string): boolean {
  if (/[ <>"\\^`{}|]|%(?!25)/.test(host.replace(/^\[.*\]/s, ''))) return false
  if (host.startsWith('[')) return /^\[[0-9a-fA-F:.]+(?:%25[^\]]+)?\](?::\d*)?$/.test(host)
  return /^[^:]*(?::\d*)?$/.test(host)
}

function escaped(path: string): string {
  return Buffer.from(path)
    .toString('latin1')
    .replaceAll(/[^\w.~$&+,/:;=@-]/g, (byte) => (byte === '%' ? byte : hexEscape(byte)))
}

function hexEscape(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function unescaped(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  const bytes = text.replaceAll('+', ' ').replaceAll(/%(..)|[^%]+/g, (all, hex: string | undefined) => {
    return hex === undefined ? Buffer.from(all).toString('latin1') : String.fromCharCode(Number.parseInt(hex, 16))
  })
  return Buffer.from(bytes, 'latin1').toString()
}
