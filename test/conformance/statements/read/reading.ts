import type { Statement } from '../../statement.ts'
import { expiry } from './expiry.ts'
import { getting } from './get.ts'
import { listing } from './list.ts'
import { listVersions } from './list-version.ts'
import { pagination } from './pagination.ts'
import { selectors } from './selectors.ts'

/** Statements 51 to 70. */
export const reading: readonly Statement[] = [
  ...getting,
  ...listing,
  ...selectors,
  ...pagination,
  ...expiry,
  ...listVersions,
].toSorted((left, right) => left.number - right.number)
