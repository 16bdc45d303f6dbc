import { accessBy } from '../../../apiserver/admission/expressions/ask-access.ts'
import { localParams } from '../../../apiserver/admission/sources/local-params.ts'
import type { Authorizer } from '../../../apiserver/authorization/authorizer.ts'
import type { Registries } from '../../../apiserver/registry/registries.ts'
import { CallError } from '../../../cluster/admission/call-error.ts'
import { webhookCaller } from '../../../cluster/admission/webhook-caller.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { Surroundings } from '../../hosts/host.ts'
import { admissionChecks, admissionGroup, type ConfiguredAdmission } from './admission-checks.ts'
import { clientOf, serverUser } from '../local-clients.ts'

export interface LocalAdmissionParts {
  readonly around: Surroundings
  readonly authorize: Authorizer
  readonly registries: () => Registries
}

/** The webhooks and policies that are objects of this server itself. */
export function localAdmission({ around, authorize, registries }: LocalAdmissionParts): ConfiguredAdmission {
  const { options, clock, log, metrics, shutdown } = around
  const webhooks = webhookCaller({
    addressOf: noServices,
    answerBytesMax: options.maxObjectBytes * 2,
    connectionsMax: webhookConnectionsMax,
  })
  shutdown.onEnd('client for webhooks', () => webhooks[Symbol.asyncDispose]())
  return admissionChecks({
    clientOf: (plural) => () => clientOf(registries(), admissionGroup, plural),
    call: webhooks.call,
    access: accessBy(authorize),
    params: localParams(registries, serverUser),
    namespaceOf: (name) => clientOf<KubeObject>(registries(), '', 'namespaces').get({ name }),
    clock,
    log,
    metrics,
  })
}

const webhookConnectionsMax = 32

/** Where no cluster is, webhooks have URLs. */
async function noServices({ name }: { readonly name: string }): Promise<never> {
  throw new CallError(`service "${name}" not found`)
}
