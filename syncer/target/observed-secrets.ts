import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import { isStatusReason } from '../../machinery/status.ts'
import type { Targets } from './targets.ts'

/** The same client, whose every answer the targets learn from: where no watch tells, nobody knows better. */
export function observedSecrets(secrets: ResourceClient<Secret>, targets: Targets): ResourceClient<Secret> {
  const seen = async (answer: Promise<Secret>): Promise<Secret> => {
    const secret = await answer
    targets.learn(secret)
    return secret
  }
  const forget = ({ namespace = '', name }: ObjectName): void => targets.forget(namespace, name)
  const orForget = async <T>(at: ObjectName, answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) forget(at)
      throw error
    }
  }
  return {
    get: (at, options) => orForget(at, seen(secrets.get(at, options))),
    list: (scope, options) => secrets.list(scope, options),
    watch: (scope, signal) => secrets.watch(scope, signal),
    create: (secret, options) => seen(secrets.create(secret, options)),
    update: (secret, options) => seen(secrets.update(secret, options)),
    updateStatus: (secret, options) => seen(secrets.updateStatus(secret, options)),
    delete: async (at, options) => {
      await orForget(at, secrets.delete(at, options))
      forget(at)
    },
  }
}
