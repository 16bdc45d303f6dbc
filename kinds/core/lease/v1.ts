import type { KubeObject } from '../../../machinery/object.ts'
import { type Infer, integer, nullable, object, string } from '../../../machinery/schema/builder.ts'

export type Lease = KubeObject & Infer<typeof leaseV1>

export const leaseV1 = object('Lease says who holds a right, and until when.', {
  spec: object('The holder and its time.', {
    acquireTime: nullable(string('When the holder got the lease.', { format: 'date-time' })),
    holderIdentity: string('Who holds the lease.'),
    leaseDurationSeconds: integer('How long the lease holds after renewTime.', { format: 'int32' }),
    leaseTransitions: integer('How often the holder has changed.', { format: 'int32' }),
    preferredHolder: string('Who should hold the lease next.'),
    renewTime: nullable(string('When the holder last renewed the lease.', { format: 'date-time' })),
    strategy: string('How the next holder is chosen.'),
  }),
})
