import { ServerProcess } from '../support/server-process.ts'
import { type AnotherServer, anotherServer, type Target } from './target.ts'

const testKinds = '--enable-test-kinds'

/** A standalone server of this checkout, in a process of its own. */
export async function openStandaloneTarget(): Promise<Target & AsyncDisposable> {
  const server = await ServerProcess.start([testKinds])
  const api = server.client()
  return {
    api,
    answersAs: 'native',
    control: { another, restart: () => server.restart() },
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function another(flags: readonly string[]): Promise<AnotherServer> {
  const server = await ServerProcess.start([testKinds, ...flags])
  return anotherServer(server, server.client())
}
