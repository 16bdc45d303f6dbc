import type { ApiAnswer, ApiClient } from '../support/api-client.ts'
import type { AnotherServer } from './target.ts'

/** Widgets on a server of a statement's own, which nobody else writes to. */
export const widgetsThere = '/apis/example.com/v1/namespaces/default/widgets'

export async function createThere(
  { api }: Pick<AnotherServer, 'api'>,
  name: string,
  parts: object = {},
): Promise<ApiAnswer> {
  const answer = await api.post(widgetsThere, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name },
    ...parts,
  })
  if (answer.status !== 201) throw new Error(`no widget ${name}: ${answer.status} ${answer.text}`)
  return answer
}

/** A number that the server tells of itself, all series of the name together. */
export async function metricOf(api: ApiClient, name: string): Promise<number> {
  const lines = (await api.get('/metrics')).text.split('\n')
  const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return values.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0)
}
