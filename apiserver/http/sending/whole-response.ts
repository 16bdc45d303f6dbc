import { type Http2ServerRequest, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'

/**
 * node:http2 keeps room for trailers behind each answer: its end comes in a frame, a TLS record and a turn of the event
 * loop of its own, and whoever passes it on wakes twice. We send no trailers, so the last bytes carry the end.
 */
export class WholeResponse<R extends Http2ServerRequest = Http2ServerRequest> extends Http2ServerResponse<R> {
  constructor(stream: ServerHttp2Stream) {
    super(stream)
    const respond = stream.respond.bind(stream)
    stream.respond = (headers, options) => respond(headers, { ...options, waitForTrailers: false })
  }
}
