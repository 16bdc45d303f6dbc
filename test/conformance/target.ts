import type { ApiClient } from '../support/api-client.ts'

/**
 * A server under test: HTTP and credentials of a member of `system:masters`, and nothing else that is particular to it.
 * It serves the two test kinds, widgets.example.com and clusterwidgets.example.com (kinds/test).
 */
export interface Target {
  readonly api: ApiClient
  /** Where namespaces are made, if not there. */
  readonly namespaces?: ApiClient
  /**
   * `native`: as a built-in group answers. `custom-resources`: a kube-apiserver with the test kinds as CRDs, which
   * answers otherwise in a few places (marked C in section 13 of the specification).
   */
  readonly answersAs: 'native' | 'custom-resources'
  readonly control?: Control
  /** There is time for what takes a server more than a minute. */
  readonly isPatient?: true
  /** It is gone after the run: nobody has to tidy up in it. */
  readonly isThrownAway?: true
}

/** What can be done to the server itself. Each is there only where the target can do it. */
export interface Control {
  /** Ends the server in the ordinary way and starts it again with the same data at the same address. */
  readonly restart?: () => Promise<void>
  /** Starts another server of the same program with further flags and an empty store. */
  readonly another?: (flags: readonly string[]) => Promise<AnotherServer>
}

/** A server of its own for one statement, which may do with it what it likes. */
export interface AnotherServer extends AsyncDisposable {
  readonly api: ApiClient
  readonly dataDir: string
  readonly pid: number
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** `api` ends with it. */
export function anotherServer(server: Omit<AnotherServer, 'api'>, api: ApiClient): AnotherServer {
  return {
    api,
    dataDir: server.dataDir,
    pid: server.pid,
    kill: (signal) => server.kill(signal),
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
