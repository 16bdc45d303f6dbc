import { parseArgs } from 'node:util'
import type { PodEnvironment } from '../cluster/cluster-config.ts'
import { UsageError } from './errors.ts'
import type { Flag } from './flag.ts'
import { flags } from './flags.ts'

/** Everything that can be chosen, read once. */
export type Options = { readonly [Name in FlagName as CamelCase<Name>]: FlagValue<Name> }

type FlagName = keyof typeof flags
type FlagValue<Name extends FlagName> = (typeof flags)[Name] extends Flag<infer T> ? T : never
type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<CamelCase<Rest>>}`
  : Name

/** `--name=value`, `--name value`, and EXTERNAL_SECRETS_NAME of the environment beneath them. Throws UsageError. */
export function parseOptions(args: readonly string[], environment: Environment = process.env): Options {
  const given = givenFlags(args)
  const entries = Object.entries<Flag<unknown>>(flags).map(([name, flag]) => {
    const text = given[name] ?? environment[environmentName(name)] ?? flag.fallback
    const value = flag.parse(text)
    if (value === undefined) throw new UsageError(`--${name}: ${JSON.stringify(text)} is not ${expected(flag)}`)
    return [camelCase(name), value]
  })
  return Object.freeze(Object.fromEntries(entries) as Options)
}

/** What the kubelet tells a pod of its cluster. */
export function podEnvironment(environment: Environment = process.env): PodEnvironment {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment
  return { host, port, folder: '/var/run/secrets/kubernetes.io/serviceaccount' }
}

/** What AWS tells a program of who it is. */
export function awsVariables(environment: Environment = process.env): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('AWS_')))
}

export type Environment = Readonly<Record<string, string | undefined>>

export function environmentName(flagName: string): string {
  return `EXTERNAL_SECRETS_${flagName.replaceAll('-', '_').toUpperCase()}`
}

function givenFlags(args: readonly string[]): Readonly<Record<string, string>> {
  const options = Object.fromEntries(
    Object.entries<Flag<unknown>>(flags).map(([name, flag]) => [name, parserOption(flag)]),
  )
  const plain = args.map((arg) => (isToggle(arg) ? `${arg}=true` : arg))
  try {
    const { values } = parseArgs({ args: plain, options, strict: true, allowPositionals: false })
    return values as Record<string, string>
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.replace(/\. To specify.*$/s, '') : 'unknown flag')
  }
}

function parserOption({ short }: Flag<unknown>): { readonly type: 'string'; readonly short?: string } {
  return { type: 'string', ...(short !== undefined && { short }) }
}

/** Switches stand alone or take a value behind `=`, as Go's do. */
function isToggle(arg: string): boolean {
  const flag = Object.entries<Flag<unknown>>(flags).find(([name]) => arg === `--${name}`)?.[1]
  return flag !== undefined && flag.placeholder === undefined
}

function expected({ placeholder }: Flag<unknown>): string {
  switch (placeholder) {
    case undefined:
      return 'true or false'
    case 'N':
      return 'a whole number'
    case 'DURATION':
      return 'a duration such as 1h30m, 45s or 100ms'
    default:
      return `one of ${placeholder.split('|').join(', ')}`
  }
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
