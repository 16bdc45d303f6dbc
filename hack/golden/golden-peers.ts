import { type AddressInfo, createServer } from 'node:net'
import { startMoto } from '../../test/support/moto.ts'
import { startOpenBao } from '../../test/support/openbao.ts'
import { findPeer } from '../../test/support/peers.ts'
import type { GoldenCase } from './golden-case.ts'
import type { Places } from './places.ts'
import { startWebhookStandIn } from './webhook-stand-in.ts'

export interface GoldenPeers extends AsyncDisposable {
  readonly places: Places
  /** What the server under test must be told to reach them. */
  readonly flags: readonly string[]
}

/** Starts the peers that these cases need and this machine has. */
export async function startGoldenPeers(cases: readonly GoldenCase[]): Promise<GoldenPeers> {
  const text = JSON.stringify(cases)
  const wants = (mark: string, peer: 'openbao' | 'moto'): boolean => text.includes(mark) && 'path' in findPeer(peer)
  const openBao = wants('${OPENBAO_ADDR', 'openbao') ? await startOpenBao() : undefined
  const moto = wants('"aws":', 'moto') ? await startMoto() : undefined
  const webhook = await startWebhookStandIn()
  // Its first look for a parameter reads long lists of its own: that is not to be the case's time.
  if (text.includes('ParameterStore')) await moto?.call('ssm.GetParameters', { Names: ['/nowhere'] })
  return {
    places: {
      WEBHOOK_URL: webhook.url,
      CLOSED_URL: `http://127.0.0.1:${await closedPort()}`,
      ...(openBao && { OPENBAO_ADDR: openBao.url }),
      ...(moto && { AWS_ENDPOINT: moto.url }),
    },
    flags: moto ? ['--provider-endpoints', `secretsmanager=${moto.url},ssm=${moto.url},sts=${moto.url}`] : [],
    async [Symbol.asyncDispose]() {
      await webhook[Symbol.asyncDispose]()
      await openBao?.[Symbol.asyncDispose]()
      await moto?.[Symbol.asyncDispose]()
    },
  }
}

/** A port that was free a moment ago: nothing of ours will listen there. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
