import { type FunctionTable, takes } from '../definition.ts'

const base = takes(['string'], ([path]) => lastElement(path))
const dir = takes(['string'], ([path]) => cleaned(path.slice(0, path.lastIndexOf('/') + 1)))
const clean = takes(['string'], ([path]) => cleaned(path))
const ext = takes(['string'], ([path]) => /\.[^./]*$/.exec(path)?.[0] ?? '')
const isAbs = takes(['string'], ([path]) => path.startsWith('/'))

/** Slashes on every machine: the controller runs on Linux. */
export const pathFunctions: FunctionTable = {
  base,
  osBase: base,
  dir,
  osDir: dir,
  clean,
  osClean: clean,
  ext,
  osExt: ext,
  isAbs,
  osIsAbs: isAbs,
}

function lastElement(path: string): string {
  if (path === '') return '.'
  const plain = path.replace(/\/+$/, '')
  return plain === '' ? '/' : plain.slice(plain.lastIndexOf('/') + 1)
}

function cleaned(path: string): string {
  const isRooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!isRooted) parts.push('..')
  }
  return (isRooted ? '/' : '') + parts.join('/') || '.'
}
