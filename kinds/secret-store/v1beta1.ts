import { integer } from '../../machinery/schema/builder.ts'
import { deriveSchema } from '../../machinery/schema/derive.ts'
import { losslessConversion } from '../shared/conversion/lossless.ts'
import { providerFields, providerFromCurrent, providerToCurrent } from './provider-fields.ts'
import { secretStoreV1 } from './v1.ts'

/** All that v1beta1 ever said: the schema of 2.9, and what each provider said before. */
export const secretStoreV1beta1 = deriveSchema(secretStoreV1, {
  'spec.provider': { properties: providerFields('v1beta1') },
  'spec.refreshInterval': {
    ...integer('How often the store is validated anew, in seconds.'),
    'x-kubernetes-int-or-string': undefined,
  },
})

export const v1beta1Conversion = losslessConversion({
  schema: secretStoreV1beta1,
  storageSchema: secretStoreV1,
  toStorage: providerToCurrent('v1beta1'),
  fromStorage: providerFromCurrent('v1beta1'),
})
