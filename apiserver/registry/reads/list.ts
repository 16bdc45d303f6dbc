import { StatusError } from '../../../machinery/status.ts'
import { badRequest, expired } from '../../../machinery/status-errors.ts'
import { isStorageError } from '../../../storage/errors.ts'
import {
  type ContinuePoint,
  decodeContinueToken,
  encodeContinueToken,
  type Item,
  type Key,
  type ListOptions,
  type ListPage,
  type Revision,
} from '../../../storage/storage.ts'
import type { RegistryParts } from '../registry-parts.ts'
import type { Stored } from '../stored.ts'
import { tooLarge } from './revision.ts'
import type { Selection } from './selection.ts'

export interface ListRequest {
  readonly selection: Selection
  /** Absent: `latest`. */
  readonly at?: ListOptions<Stored>['at']
  readonly limit?: number
  /** The token of the page before; excludes `at`. */
  readonly continue?: string
}

export interface ObjectPage {
  readonly items: readonly Item<Stored>[]
  readonly revision: Revision
  readonly continue?: string
  readonly remaining?: number
}

export async function listObjects(parts: RegistryParts, request: ListRequest): Promise<ObjectPage> {
  const { selection } = request
  const from = request.continue === undefined ? undefined : continuePoint(request.continue, selection)
  const at = from === undefined ? (request.at ?? { kind: 'latest' }) : continuedAt(from)
  if (from !== undefined && request.at !== undefined && 'revision' in request.at) {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  const page = await pageOf(parts, request, { at, from })
  return {
    items: page.items,
    revision: page.revision,
    ...(page.next !== undefined && { continue: tokenOf({ after: page.next, revision: page.revision }, selection) }),
    ...(page.next !== undefined && selection.matches === undefined && remainingOf(page)),
  }
}

interface Position {
  readonly at: ListOptions<Stored>['at']
  readonly from: ContinuePoint | undefined
}

async function pageOf(parts: RegistryParts, request: ListRequest, position: Position): Promise<ListPage<Stored>> {
  const { matches, range } = request.selection
  try {
    return await parts.storage.list(range, {
      at: position.at,
      ...(position.from !== undefined && { after: position.from.after }),
      ...(request.limit !== undefined && { limit: request.limit }),
      ...(matches !== undefined && { matches }),
    })
  } catch (error) {
    if (isStorageError(error, 'compacted')) throw expiredList(request, position.from?.after)
    if (isStorageError(error, 'future') && 'revision' in position.at) throw await tooLarge(parts, position.at.revision)
    throw error
  }
}

function continuedAt(from: ContinuePoint): ListOptions<Stored>['at'] {
  return from.revision === undefined ? { kind: 'latest' } : { kind: 'exact', revision: from.revision }
}

function continuePoint(token: string, { range }: Selection): ContinuePoint {
  const point = decodeContinueToken(token, range.start)
  if ('invalid' in point) throw badRequest(`invalid continue token: ${point.invalid}`)
  return point
}

function tokenOf(point: ContinuePoint, { range }: Selection): string {
  return encodeContinueToken(point, range.start)
}

function remainingOf(page: ListPage<Stored>): { remaining: number } | Record<string, never> {
  return page.remaining === undefined || page.remaining === 0 ? {} : { remaining: page.remaining }
}

const expiredContinueText =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results.'

/** With a token that goes on from the same place in the newest state, for clients that take an inconsistent list. */
function expiredList(request: ListRequest, after: Key | undefined): StatusError {
  if (after === undefined) return expired('The resourceVersion for the provided list is too old.')
  const token = tokenOf({ after, revision: undefined }, request.selection)
  return new StatusError({ code: 410, reason: 'Expired', message: expiredContinueText, continue: token })
}
