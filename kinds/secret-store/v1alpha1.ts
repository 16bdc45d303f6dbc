import { deriveSchema } from '../../machinery/schema/derive.ts'
import { losslessConversion } from '../shared/conversion/lossless.ts'
import { withoutBounds } from '../shared/without-bounds.ts'
import { providerFields, providerFromCurrent, providerToCurrent } from './provider-fields.ts'
import { secretStoreV1 } from './v1.ts'
import { secretStoreV1beta1 } from './v1beta1.ts'

/** All that v1alpha1 ever said: the schema of 0.9.20, its last release, which bounds no text. */
export const secretStoreV1alpha1 = withoutBounds(
  deriveSchema(secretStoreV1beta1, {
    'spec.conditions': null,
    'spec.provider': { properties: providerFields('v1alpha1') },
    'spec.refreshInterval': null,
    'status.capabilities': null,
  }),
)

export const v1alpha1Conversion = losslessConversion({
  schema: secretStoreV1alpha1,
  storageSchema: secretStoreV1,
  toStorage: providerToCurrent('v1alpha1'),
  fromStorage: providerFromCurrent('v1alpha1'),
})
