import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'
import type { Targets } from './targets.ts'

/** The same client, whose every answer the targets learn from: where no watch tells, nobody knows better. */
export function observed<T extends KubeObject>(client: ResourceClient<T>, targets: Targets): ResourceClient<T> {
  const seen = async (answer: Promise<T>): Promise<T> => {
    const object = await answer
    targets.learn(object)
    return object
  }
  const wrote = async (answer: Promise<T>): Promise<T> => {
    const object = await answer
    targets.wrote(object)
    return object
  }
  const forget = ({ namespace = '', name }: ObjectName): void => targets.forget(namespace, name)
  const orForget = async <A>(at: ObjectName, answer: Promise<A>): Promise<A> => {
    try {
      return await answer
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) forget(at)
      throw error
    }
  }
  return {
    get: (at, options) => orForget(at, seen(client.get(at, options))),
    list: (scope, options) => client.list(scope, options),
    watch: (scope, signal) => client.watch(scope, signal),
    create: (object, options) => wrote(client.create(object, options)),
    update: (object, options) => wrote(client.update(object, options)),
    updateStatus: (object, options) => seen(client.updateStatus(object, options)),
    delete: async (at, options) => {
      await orForget(at, client.delete(at, options))
      forget(at)
    },
  }
}
