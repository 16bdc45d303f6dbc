import { startPeer, type PeerProcess } from './peer-process.ts'
import { peerPath } from './peers.ts'

/** AWS as moto plays it: no credential is ever refused. `call` is the JSON protocol: "secretsmanager.CreateSecret". */
export interface Moto extends PeerProcess {
  readonly call: (action: string, body: object) => Promise<void>
}

export async function startMoto(): Promise<Moto> {
  const peer = await startPeer({
    program: peerPath('moto'),
    arguments: (port) => ['-H', '127.0.0.1', '-p', String(port)],
    probe: '/moto-api/',
    env: { AWS_DEFAULT_REGION: 'eu-central-1' },
  })
  return { ...peer, call: (action, body) => call(peer.url, action, body) }
}

async function call(url: string, action: string, body: object): Promise<void> {
  const [service = ''] = action.split('.')
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'x-amz-target': action,
      'content-type': 'application/x-amz-json-1.1',
      authorization: `AWS4-HMAC-SHA256 Credential=tests/20260101/eu-central-1/${service}/aws4_request, Signature=0`,
    },
    body: JSON.stringify(body),
  })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`moto answered ${answer.status} to ${action}`)
}
