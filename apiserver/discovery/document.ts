import { createHash } from 'node:crypto'
import type { ApiResponse } from '../endpoints/endpoint.ts'

/** What a request for a document may say. */
export interface DocumentRequest {
  /** The Accept header. */
  readonly accept?: string | undefined
  readonly ifNoneMatch?: string | undefined
  /** `?hash=` of an OpenAPI v3 document. */
  readonly hash?: string | undefined
}

/** Answers at any time: no document depends on the store or on who asks. */
export type DocumentEndpoint = (request: DocumentRequest) => ApiResponse

/** Bytes that stay the same while the server runs, and over restarts and replicas as long as the API is the same. */
export interface Document {
  readonly body: Uint8Array
  readonly hash: string
}

/** Built on first use and kept as bytes. */
export function lazyDocument(build: () => object): () => Document {
  return lazyBytes(() => Buffer.from(`${JSON.stringify(build())}\n`))
}

export function lazyBytes(build: () => Uint8Array): () => Document {
  let document: Document | undefined
  return () => {
    document ??= hashed(build())
    return document
  }
}

function hashed(body: Uint8Array): Document {
  return { body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() }
}

export function plainAnswer(document: Document): ApiResponse {
  return { type: 'bytes', code: 200, contentType: 'application/json', body: document.body }
}

/** With its hash as ETag; 304 without a body for one who has it. */
export function taggedAnswer(
  document: Document,
  contentType: string,
  options: { readonly ifNoneMatch: string | undefined; readonly headers: Readonly<Record<string, string>> },
): ApiResponse {
  const etag = `"${document.hash}"`
  const isKnown = options.ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true
  const headers = { etag, ...options.headers }
  if (isKnown) return { type: 'bytes', code: 304, contentType, body: new Uint8Array(), headers }
  return { type: 'bytes', code: 200, contentType, body: document.body, headers }
}
