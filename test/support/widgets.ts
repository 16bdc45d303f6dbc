import { namespace } from '../../kinds/core/namespace/kind.ts'
import { configMap } from '../../kinds/core/config-map/kind.ts'
import { clusterWidget } from '../../kinds/test/cluster-widget/kind.ts'
import { widget } from '../../kinds/test/widget/kind.ts'
import { type LocalApi, type LocalApiOptions, openLocalApi } from './local-api.ts'

export const widgets = '/apis/example.com/v1/namespaces/default/widgets'
export const clusterWidgets = '/apis/example.com/v1/clusterwidgets'

/** The API of the test kinds, with the namespace `default`. */
export async function openWidgetApi(options: Partial<LocalApiOptions> = {}): Promise<LocalApi> {
  const api = await openLocalApi({ kinds: [namespace, configMap, widget, clusterWidget], ...options })
  await api.call('POST /api/v1/namespaces', { body: { metadata: { name: 'default' } } })
  return api
}

export interface WidgetParts {
  readonly metadata?: object
  readonly spec?: object
  readonly status?: object
}

export function aWidget(name: string, { metadata, ...parts }: WidgetParts = {}): object {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...metadata }, ...parts }
}
