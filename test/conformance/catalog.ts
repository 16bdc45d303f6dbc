import type { Statement } from './statement.ts'
import { answers } from './statements/answers.ts'
import { bodies } from './statements/create/bodies.ts'
import { born } from './statements/create/born.ts'
import { judged } from './statements/create/judged.ts'
import { metadata } from './statements/create/metadata.ts'
import { options } from './statements/create/options.ts'
import { places } from './statements/create/places.ts'
import { strictness } from './statements/create/strictness.ts'
import { values } from './statements/create/values.ts'
import { collections } from './statements/delete/collections.ts'
import { finalizers } from './statements/delete/finalizers.ts'
import { removal } from './statements/delete/removal.ts'
import { discovery } from './statements/discovery.ts'
import { negotiation } from './statements/negotiation.ts'
import { openapi } from './statements/openapi.ts'
import { applying } from './statements/patch/apply.ts'
import { kindsOfPatch } from './statements/patch/kinds-of-patch.ts'
import { patched } from './statements/patch/patched.ts'
import { expiry } from './statements/read/expiry.ts'
import { getting } from './statements/read/get.ts'
import { listVersions } from './statements/read/list-version.ts'
import { listing } from './statements/read/list.ts'
import { pagination } from './statements/read/pagination.ts'
import { selectors } from './statements/read/selectors.ts'
import { routing } from './statements/routing.ts'
import { health } from './statements/server/health.ts'
import { http2 } from './statements/server/http2.ts'
import { limits } from './statements/server/limits.ts'
import { shutdown } from './statements/server/shutdown.ts'
import { tls } from './statements/server/tls.ts'
import { tables } from './statements/tables.ts'
import { owners } from './statements/update/owners.ts'
import { protectedFields } from './statements/update/protected.ts'
import { putting } from './statements/update/put.ts'
import { statusWrites } from './statements/update/status.ts'
import { bookmarks } from './statements/watch/bookmarks.ts'
import { events } from './statements/watch/events.ts'
import { forms } from './statements/watch/forms.ts'
import { initialState } from './statements/watch/initial-state.ts'
import { restarts } from './statements/watch/restarts.ts'
import { selections } from './statements/watch/selections.ts'
import { streams } from './statements/watch/streams.ts'

/** Every statement there is a test of, by number. */
export const statements: readonly Statement[] = inOrder([
  ...answers,
  ...bodies,
  ...born,
  ...judged,
  ...metadata,
  ...options,
  ...places,
  ...strictness,
  ...values,
  ...collections,
  ...finalizers,
  ...removal,
  ...discovery,
  ...negotiation,
  ...openapi,
  ...applying,
  ...kindsOfPatch,
  ...patched,
  ...expiry,
  ...getting,
  ...listVersions,
  ...listing,
  ...pagination,
  ...selectors,
  ...routing,
  ...health,
  ...http2,
  ...limits,
  ...shutdown,
  ...tls,
  ...tables,
  ...owners,
  ...protectedFields,
  ...putting,
  ...statusWrites,
  ...bookmarks,
  ...events,
  ...forms,
  ...initialState,
  ...restarts,
  ...selections,
  ...streams,
])

function inOrder(unordered: readonly Statement[]): readonly Statement[] {
  return unordered.toSorted((left, right) => left.number - right.number)
}
