import { type Finding, isGenerated, lineOf, type Module, type SourceTree } from './source-tree.ts'
import ts from 'typescript'

interface Ban {
  readonly pattern: RegExp
  readonly replacement: string
  /** Where the text may stand. */
  readonly allowed?: RegExp
  /** Looked for in comments as well. */
  readonly inComments?: true
}

/** Tests, scripts and the flags file talk to the process directly; everything else is handed what it needs. */
const outside = /^(hack|test)\//

const bans: readonly Ban[] = [
  { pattern: /\bconsole\./, replacement: 'Logger', allowed: outside },
  { pattern: /\bDate\.now\b/, replacement: 'Clock.now()', allowed: /^(base\/clock\.ts|hack\/|test\/)/ },
  { pattern: /\bnew Date\(\)/, replacement: 'new Date(clock.now())', allowed: outside },
  { pattern: /\bMath\.random\b/, replacement: 'an injected source of randomness' },
  {
    pattern: /(?<!\bt\.)\bset(Timeout|Interval)\(/,
    replacement: 'clock.sleep',
    allowed: /^(base\/clock\.ts|hack\/.*\.mjs)$/,
  },
  { pattern: /\bawait systemClock\.sleep\(/, replacement: 'until of test/support', allowed: /(?<!\.test\.ts)$/ },
  { pattern: /\bas any\b|: any\b|<any>/, replacement: 'unknown and a parser' },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, replacement: 'a type that fits', inComments: true },
  { pattern: /\bexport default\b/, replacement: 'a named export', allowed: /^(eslint\.config\.mjs|hack\/.*\.mjs)$/ },
  { pattern: /\b(TODO|FIXME|XXX)\b/, replacement: 'the work, or an issue', inComments: true },
  { pattern: /\.only\(/, replacement: 'the whole table' },
  {
    pattern: /\bprocess\.env\b/,
    replacement: 'a flag of cmd/options.ts',
    allowed: /^(cmd\/options\.ts|hack\/|test\/)/,
  },
]

/** Text that may not stand in code. Comments count for the leftovers only; strings and regular expressions do not. */
export function bannedText(tree: SourceTree): readonly Finding[] {
  return tree.modules
    .filter((module) => !isGenerated(module.path) && !module.path.startsWith('hack/tidy'))
    .flatMap(moduleFindings)
}

function moduleFindings(module: Module): readonly Finding[] {
  const withComments = blanked(module, literalsOf(module))
  const code = blanked(module, [...literalsOf(module), ...commentsOf(module)])
  return bans
    .filter((ban) => !ban.allowed?.test(module.path))
    .flatMap((ban) =>
      [...(ban.inComments ? withComments : code).matchAll(new RegExp(ban.pattern, 'g'))].map((match) => ({
        path: module.path,
        line: lineOf(module, match.index),
        rule: 'banned-text',
        reason: `\`${match[0]}\``,
        replacement: ban.replacement,
      })),
    )
}

interface Span {
  readonly start: number
  readonly end: number
}

/** The text with these spans blanked out, every position kept. */
function blanked(module: Module, spans: readonly Span[]): string {
  const characters = module.text.split('')
  for (const { start, end } of spans) characters.fill(' ', start, end)
  return characters.join('')
}

function literalsOf(module: Module): Span[] {
  const spans: Span[] = []
  const visit = (node: ts.Node): void => {
    const isLiteral =
      ts.isStringLiteralLike(node) ||
      ts.isRegularExpressionLiteral(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    if (isLiteral) spans.push({ start: node.getStart(), end: node.getEnd() })
    ts.forEachChild(node, visit)
  }
  visit(module.ast)
  return spans
}

/** Comments stand before or behind a token: every one of them is leading or trailing trivia of some node. */
function commentsOf(module: Module): Span[] {
  const spans = new Map<number, Span>()
  const add = (found: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of found ?? []) spans.set(pos, { start: pos, end })
  }
  const visit = (node: ts.Node): void => {
    add(ts.getLeadingCommentRanges(module.text, node.getFullStart()))
    add(ts.getTrailingCommentRanges(module.text, node.getEnd()))
    for (const child of node.getChildren()) visit(child)
  }
  visit(module.ast)
  return [...spans.values()]
}
