import type { Test } from 'tap'
import type { Kubectl } from '../../support/kubectl.ts'

/** One thing that people do with kubectl; `since` names the version that it takes where not every one can. */
export type Check = readonly [name: string, run: (t: Test, kubectl: Kubectl) => Promise<void>, since?: '1.35']
