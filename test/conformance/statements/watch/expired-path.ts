import type { ApiClient } from '../../../support/api-client.ts'
import { expectObject } from '../../expect.ts'
import { createThere, widgetsThere } from '../../other-server.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'

interface ExpiredPath extends AsyncDisposable {
  readonly api: ApiClient
  /** A watch from a version that is no longer remembered. */
  readonly path: string
}

/** On a server that remembers little, where there can be one; else the first version there ever was. */
export async function expiredPath({ api, target, widgets }: Scene): Promise<ExpiredPath> {
  const another = target.control?.another
  if (another === undefined) {
    return { api, path: `${widgets}?watch=true&resourceVersion=1`, [Symbol.asyncDispose]: () => Promise.resolve() }
  }
  const server = await another(['--watch-cache-size', '5'])
  const old = versionOf(expectObject(await server.api.get(widgetsThere)))
  for (let index = 0; index < 10; index += 1) await createThere(server, `n${index}`)
  const path = `${widgetsThere}?watch=true&resourceVersion=${old}`
  return { api: server.api, path, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
