import { type Finding, isGenerated, lineOf, type Module, type SourceTree } from './source-tree.ts'
import ts from 'typescript'

interface Ban {
  readonly pattern: RegExp
  readonly replacement: string
  /** Where the text may stand. */
  readonly allowed?: RegExp
}

/** Tests, scripts and the flags file talk to the process directly; everything else is handed what it needs. */
const outside = /^(hack|test)\//

const bans: readonly Ban[] = [
  { pattern: /\bconsole\./, replacement: 'Logger', allowed: outside },
  { pattern: /\bDate\.now\b/, replacement: 'Clock.now()', allowed: /^(base\/clock\.ts|hack\/|test\/)/ },
  { pattern: /\bnew Date\(\)/, replacement: 'new Date(clock.now())', allowed: outside },
  { pattern: /\bMath\.random\b/, replacement: 'an injected source of randomness' },
  { pattern: /\bset(Timeout|Interval)\(/, replacement: 'clock.sleep', allowed: /^(base\/clock\.ts|hack\/.*\.mjs)$/ },
  { pattern: /\bas any\b|: any\b|<any>/, replacement: 'unknown and a parser' },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, replacement: 'a type that fits' },
  { pattern: /\bexport default\b/, replacement: 'a named export', allowed: /^(eslint\.config\.mjs|hack\/.*\.mjs)$/ },
  { pattern: /\b(TODO|FIXME|XXX)\b/, replacement: 'the work, or an issue' },
  { pattern: /\.only\(/, replacement: 'the whole table' },
  { pattern: /\bprocess\.env\b/, replacement: 'a flag of cmd/options.ts', allowed: /^(cmd\/options\.ts|hack\/|test\/)/ },
]

/** Text that may not stand in code. Comments count for the leftovers only; strings and regular expressions do not. */
export function bannedText(tree: SourceTree): readonly Finding[] {
  return tree.modules.filter((module) => !isGenerated(module.path) && !module.path.startsWith('hack/tidy')).flatMap(moduleFindings)
}

function moduleFindings(module: Module): readonly Finding[] {
  const code = withoutLiterals(module)
  return bans
    .filter((ban) => !ban.allowed?.test(module.path))
    .flatMap((ban) =>
      [...code.matchAll(new RegExp(ban.pattern, 'g'))].map((match) => ({
        path: module.path,
        line: lineOf(module, match.index),
        rule: 'banned-text',
        reason: `\`${match[0]}\``,
        replacement: ban.replacement,
      })),
    )
}

/** The text with string, template and regular-expression literals blanked out, every position kept. */
function withoutLiterals(module: Module): string {
  const characters = [...module.text.split('')]
  const visit = (node: ts.Node): void => {
    const literal =
      ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    if (literal) characters.fill(' ', node.getStart(), node.getEnd())
    ts.forEachChild(node, visit)
  }
  visit(module.ast)
  return characters.join('')
}
