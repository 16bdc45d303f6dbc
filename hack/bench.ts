import { parseArgs } from 'node:util'
import { ServerProcess } from '../test/support/server-process.ts'
import { benchList, benchWatch } from './bench/collections.ts'
import { benchFirstSync } from './bench/first-sync.ts'
import { namespaceManifest, paths, storeManifest } from './bench/manifests.ts'
import { row, target } from './bench/report.ts'
import { benchVerbs } from './bench/verbs.ts'

/**
 * Speed and memory, printed as a table with the targets beside the figures: `npm run bench [-- --objects 10000]`. The
 * client shares the two cores with the server; read the ratios taken side by side, not the single times.
 */
const { values } = parseArgs({ options: { objects: { type: 'string', default: '10000' } } })
const count = Number(values.objects)

await using server = await ServerProcess.start()
await using api = server.client()
await api.post('/api/v1/namespaces', namespaceManifest())
await api.post(paths.stores, storeManifest())
await benchVerbs(server, api, count)
await benchList(server, api)
await benchWatch(server, api)
await benchFirstSync(server, api, count)

await server.kill('SIGTERM')
const start = performance.now()
await using again = await ServerProcess.start([], { dataDir: server.dataDir })
const startMs = performance.now() - start
row(`start to ready, ${count} objects stored`, { wall: `${startMs.toFixed(0)} ms`, pid: String(again.pid) })
target('start to ready', { value: startMs, max: 1000, unit: 'ms' })
