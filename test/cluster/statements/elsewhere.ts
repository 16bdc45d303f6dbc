import type { Statement } from '../../conformance/statement.ts'

function notHere(number: number, sentence: string, notYet: string): Statement {
  return { number, sentence, notYet, play: () => Promise.reject(new Error(notYet)) }
}

/** Statements of the cluster that this run cannot show, each with its reason. */
export const elsewhere: readonly Statement[] = [
  notHere(
    145,
    'Informers of client-go are in step with the server, with and without streamed lists.',
    'a program in Go shows it, in a test of its own',
  ),
  notHere(
    206,
    'A manager of controller-runtime works: cache, status updates, finalizers.',
    'a program in Go shows it, in a test of its own',
  ),
  notHere(
    208,
    'Argo CD and Flux find nothing to do after they have applied our objects.',
    'Flux`s library is shown in a test of its own; its controllers and Argo CD: `npm run peers` has neither',
  ),
  notHere(
    209,
    'Namespaces elsewhere in the cluster end without delay while our pods restart.',
    'it takes several replicas over one shared storage, which is not there yet',
  ),
]
