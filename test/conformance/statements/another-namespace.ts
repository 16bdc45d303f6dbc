import { expectObject } from '../expect.ts'
import type { Scene, WidgetParts } from '../scene.ts'

interface AnotherNamespace {
  readonly namespace: string
  readonly widgets: string
  create(name: string, parts?: WidgetParts): Promise<void>
}

/** A second namespace beside the scene's own, which sorts behind it; it goes when `play` is done. */
export async function inAnotherNamespace(
  scene: Scene,
  play: (another: AnotherNamespace) => Promise<void>,
): Promise<void> {
  const namespace = `${scene.namespace}too`
  const widgets = `/apis/example.com/v1/namespaces/${namespace}/widgets`
  await scene.addNamespace(namespace)
  try {
    await play({
      namespace,
      widgets,
      create: async (name, parts) => {
        expectObject(await scene.api.post(widgets, scene.widget(name, parts)), 201)
      },
    })
  } finally {
    await scene.api.call('DELETE', `/api/v1/namespaces/${namespace}`)
  }
}
