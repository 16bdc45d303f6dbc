import { requestEntityTooLarge } from '../../machinery/status-errors.ts'
import type { AdmissionCheck } from './admission.ts'

/** Refuses objects that would be too large for the store, etcd's limit by default, before they reach it. */
export function objectSize(bytesMax: number): AdmissionCheck {
  return {
    name: 'ObjectSize',
    validate: ({ storedBytes = 0 }) => {
      if (storedBytes > bytesMax) throw requestEntityTooLarge(`limit is ${bytesMax}`)
    },
  }
}
