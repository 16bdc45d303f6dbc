import { defaultText } from '../../format/print.ts'
import { Dictionary, type Value } from '../../value.ts'
import { FunctionFailure, type FunctionTable, takes } from '../definition.ts'

export const urlFunctions: FunctionTable = {
  urlParse: takes(['string'], ([text]) => new Dictionary(Object.entries(parsed(text)))),
  urlJoin: takes(['dictionary'], ([parts], { budget }) => {
    const textOf = (name: string): string => {
      const value: Value = parts.entries.get(name) ?? ''
      if (typeof value !== 'string') throw new FunctionFailure(`${name} is not a string`)
      return defaultText(value, budget)
    }
    return joined(textOf)
  }),
}

interface UrlParts {
  readonly scheme: string
  readonly host: string
  readonly hostname: string
  readonly path: string
  readonly query: string
  readonly opaque: string
  readonly fragment: string
  readonly userinfo: string
  readonly [part: string]: string
}

/** The parts as Go's net/url names them: path and fragment decoded, user information encoded. */
function parsed(text: string): UrlParts {
  if (/[\0-\x1f\x7f]/.test(text)) throw new FunctionFailure('a URL holds no control characters')
  const [beforeFragment, fragment] = cutAt(text, '#')
  const [, schemeName = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(beforeFragment) ?? []
  if (schemeName === '' && beforeFragment.startsWith(':'))
    throw new FunctionFailure('a URL has a scheme before the colon')
  const scheme = schemeName.toLowerCase()
  const rest = scheme === '' ? beforeFragment : beforeFragment.slice(scheme.length + 1)
  const [beforeQuery, query] = cutAt(rest, '?')
  const empty = {
    scheme,
    host: '',
    hostname: '',
    path: '',
    query,
    opaque: '',
    fragment: decoded(fragment),
    userinfo: '',
  }
  if (scheme !== '' && !beforeQuery.startsWith('/')) return { ...empty, opaque: beforeQuery }
  if (scheme === '' && /^[^/]*:/.test(beforeQuery)) {
    throw new FunctionFailure('the first path segment of a URL holds no colon')
  }
  const hasAuthority = beforeQuery.startsWith('//') && (scheme !== '' || !beforeQuery.startsWith('///'))
  if (!hasAuthority) return { ...empty, path: decoded(beforeQuery) }
  const pathAt = beforeQuery.indexOf('/', 2)
  const authority = pathAt < 0 ? beforeQuery.slice(2) : beforeQuery.slice(2, pathAt)
  const userEnd = authority.lastIndexOf('@')
  const host = hostOf(authority.slice(userEnd + 1))
  return {
    ...empty,
    host,
    hostname: host.replace(/:[0-9]*$/, '').replace(/^\[(.*)\]$/, '$1'),
    path: pathAt < 0 ? '' : decoded(beforeQuery.slice(pathAt)),
    userinfo: userEnd < 0 ? '' : userInfo(authority.slice(0, userEnd)),
  }
}

function cutAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function hostOf(text: string): string {
  const port = text.startsWith('[')
    ? text.slice(text.indexOf(']') + 1)
    : text.slice(text.indexOf(':') < 0 ? text.length : text.indexOf(':'))
  if (!/^(:[0-9]*)?$/.test(port) || /[ "<>\\^`{|}]/.test(text))
    throw new FunctionFailure('the host or port is malformed')
  return decoded(text)
}

function decoded(text: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new FunctionFailure('a percent sign starts no escape')
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function userInfo(text: string): string {
  if (/[^A-Za-z0-9\-._:~!$&'()*+,;=%@]/.test(text)) throw new FunctionFailure('the user information is malformed')
  const [user, password] = cutAt(text, ':')
  const escaped = escapedBut(/[A-Za-z0-9\-_.~$&+,;=]/)
  return text.includes(':') ? `${escaped(decoded(user))}:${escaped(decoded(password))}` : escaped(decoded(user))
}

function escapedBut(kept: RegExp): (text: string) => string {
  return (text) =>
    [...text]
      .map((byte) => (kept.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`))
      .join('')
}

function joined(part: (name: string) => string): string {
  const [scheme, host, path, query, opaque, fragment, userinfo] = [
    'scheme',
    'host',
    'path',
    'query',
    'opaque',
    'fragment',
    'userinfo',
  ].map(part) as [string, string, string, string, string, string, string]
  const user = userinfo === '' ? '' : `${userInfo(userinfo)}@`
  const start = scheme === '' ? '' : `${scheme}:`
  const tail = (query === '' ? '' : `?${query}`) + (fragment === '' ? '' : `#${fragmentText(fragment)}`)
  if (opaque !== '') return start + opaque + tail
  const authority =
    scheme !== '' || host !== '' || user !== ''
      ? host !== '' || path !== '' || user !== ''
        ? `//${user}${hostText(host)}`
        : ''
      : ''
  const slash = path !== '' && !path.startsWith('/') && host !== '' ? '/' : ''
  const dot = start === '' && authority === '' && /^[^/]*:/.test(path) ? './' : ''
  return start + authority + dot + slash + pathText(path) + tail
}

const hostText = escapedBut(/[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/)
const pathText = escapedBut(/[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]]/)
const fragmentText = escapedBut(/[A-Za-z0-9\-_.~$&+,/:;=?@!()*']/)
