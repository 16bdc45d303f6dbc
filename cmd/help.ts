import type { Flag } from './flag.ts'
import { flags } from './flags.ts'
import { environmentName } from './options.ts'

export const usage = `external-secrets-apiserver serves the External Secrets API and pours values into Secrets.

  external-secrets-apiserver serve --standalone [flags]   run the server
  external-secrets-apiserver quickstart [--once] [flags]  run it, apply the examples, wait for the Secret
  external-secrets-apiserver doctor [flags]               say why a cluster does not serve it; exit code 1 then
  external-secrets-apiserver grant NAMESPACE [flags]      let it watch the Secrets there: drift is repaired at once
  external-secrets-apiserver recover [flags]              for a lost store: keep its Secrets from being deleted
  external-secrets-apiserver snapshot --out FILE [flags]  write what a running server holds into a file
  external-secrets-apiserver restore --from FILE [flags]  put that back, into a running server
  external-secrets-apiserver uninstall [flags]            free Secrets of owners and take it out of a cluster's API
  external-secrets-apiserver serve --help                 all flags
  external-secrets-apiserver version
`

export function serveHelp(): string {
  const lines = ['external-secrets-apiserver serve --standalone|--aggregated [flags]', '']
  for (const [group, members] of groups()) {
    lines.push(`${group}:`, ...members.flatMap(helpLines), '')
  }
  lines.push(`Each flag can also be given by the environment: --data-dir as ${environmentName('data-dir')}.`, '')
  return lines.join('\n')
}

/** docs/flags.md. */
export function flagsPage(): string {
  const sections = [...groups()].map(([group, members]) => {
    const rows = members.map(([name, flag]) => `| \`${shown(name, flag)}\` | ${cell(flag)} | ${flag.doc} |`)
    return `## ${group}\n\n| flag | default | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  })
  const head = `# Flags of \`serve\`

Generated from \`cmd/flags.ts\` by \`npm run generate\`. Each flag can also be given by the environment: \`--data-dir\`
as \`${environmentName('data-dir')}\`. Durations are written as in Go: \`1h30m\`, \`45s\`, \`100ms\`.
`
  return [head, ...sections].join('\n')
}

type Member = readonly [string, Flag<unknown>]

function groups(): Map<string, Member[]> {
  const found = new Map<string, Member[]>()
  for (const member of Object.entries<Flag<unknown>>(flags)) {
    const [, { group }] = member
    found.set(group, [...(found.get(group) ?? []), member])
  }
  return found
}

function helpLines([name, flag]: Member): string[] {
  const fallback = flag.fallback === '' || flag.fallback === 'false' ? '' : ` (default ${flag.fallback})`
  return [`  ${shown(name, flag)}`, `        ${flag.doc}${fallback}`]
}

function shown(name: string, { placeholder, short }: Flag<unknown>): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`
}

function cell({ fallback }: Flag<unknown>): string {
  return fallback === '' ? '' : `\`${fallback}\``
}
