import ts from 'typescript'
import { type Finding, lineOf, type Module, type SourceTree } from './source-tree.ts'

const catalogue = 'docs/errors.md'

/** Every code of a `...ErrorCode` union in an errors.ts has its row in docs/errors.md, beginning `| code |`. */
export function errorCodes(tree: SourceTree): readonly Finding[] {
  const text = tree.documents.find((document) => document.path === catalogue)?.text ?? ''
  return tree.modules
    .filter((module) => module.path.endsWith('/errors.ts'))
    .flatMap((module) =>
      codesOf(module)
        .filter(({ code }) => !text.includes(`| \`${code}\` |`))
        .map((one) => missing(module, one)),
    )
}

interface Code {
  readonly code: string
  readonly line: number
}

function codesOf(module: Module): readonly Code[] {
  const unions = module.ast.statements.filter(
    (statement): statement is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(statement) && statement.name.text.endsWith('ErrorCode'),
  )
  return unions.flatMap((union) => {
    const members = ts.isUnionTypeNode(union.type) ? union.type.types : [union.type]
    return members.flatMap((member) =>
      ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal)
        ? [{ code: member.literal.text, line: lineOf(module, member.getStart()) }]
        : [],
    )
  })
}

function missing(module: Module, { code, line }: Code): Finding {
  const reason = `the code ${code} is not in ${catalogue}`
  return { path: module.path, line, rule: 'error-codes', reason, replacement: `a row \`| \\\`${code}\\\` | ...\`` }
}
