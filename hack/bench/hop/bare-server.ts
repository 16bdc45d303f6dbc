import { readFileSync } from 'node:fs'
import { createSecureServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * The least that an API server in Node can need behind the aggregator: HTTP/2 over TLS, and of an API nothing. What was
 * written last answers a read, and a write its own body. Started as a process of its own with the files of certificate
 * and key; prints its port.
 */
const [certificate = '', key = ''] = process.argv.slice(2)
let last = Buffer.from('{}')

async function answer(stream: ServerHttp2Stream, method: string): Promise<void> {
  if (method === 'POST' || method === 'PUT') last = await buffer(stream)
  stream.respond({
    ':status': method === 'POST' ? 201 : 200,
    'content-type': 'application/json',
    'content-length': last.byteLength,
  })
  stream.end(last)
}

const server = createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) })
server.on('stream', (stream, headers) => {
  answer(stream, headers[':method'] ?? '').catch(() => stream.destroy())
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
