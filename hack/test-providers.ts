import { once } from 'node:events'
import { startMoto } from '../test/support/moto.ts'
import { startOpenBao } from '../test/support/openbao.ts'

/** Starts OpenBao and moto to try stores against by hand, prints where they are, and ends them on Ctrl-C. */
await using openBao = await startOpenBao()
await using moto = await startMoto()
process.stdout.write(`OPENBAO_ADDR=${openBao.url}\nOPENBAO_TOKEN=root\nAWS_ENDPOINT_URL=${moto.url}\n`)
process.stdout.write(
  `# serve --standalone --provider-endpoints secretsmanager=${moto.url},ssm=${moto.url},sts=${moto.url}\n`,
)
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
