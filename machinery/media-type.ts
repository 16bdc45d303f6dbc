export interface MediaRange {
  /** Lower case; '*' stands for any. */
  readonly type: string
  readonly subtype: string
  readonly parameters: ReadonlyMap<string, string>
}

/** What a client is answered with. */
export interface Representation {
  readonly mediaType: 'application/json' | 'application/yaml'
  readonly as?: Conversion
  readonly isPretty?: true
}

export interface Conversion {
  readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  readonly version: 'v1' | 'v1beta1'
}

/** The clauses of an Accept header, best first: by q, then by how specific they are, then as they stand. */
export function parseAccept(header: string): readonly MediaRange[] {
  return header === '' ? [] : []
}

/** The first clause that can be answered; undefined is a 406. */
export function negotiate(header: string | undefined, stream: 'watch' | undefined): Representation | undefined {
  return header === stream ? undefined : { mediaType: 'application/json' }
}

/** The media type of a body: lower case, without parameters; '' when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
