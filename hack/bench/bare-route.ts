import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'

/**
 * The yardstick for GET: a bare Fastify route over TLS that sends the same bytes. Started as a process of its own with
 * the files of certificate, key and body; prints its port.
 */
const [certificate = '', key = '', body = ''] = process.argv.slice(2)
const bytes = readFileSync(body)
const server = Fastify({
  http2: true,
  https: { allowHTTP1: true, cert: readFileSync(certificate), key: readFileSync(key) },
})
server.get('/object', (_, reply) => reply.type('application/json').send(bytes))
await server.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${(server.server.address() as AddressInfo).port}\n`)
