/** A part of a path: characters, and `*` (any run) and `?` (any one) where they are not escaped by a backslash. */
export type Glob = readonly (string | typeof anyRun | typeof anyOne)[]

const anyRun = Symbol('*')
const anyOne = Symbol('?')

export function parseGlob(part: string): Glob {
  const glob: Glob[number][] = []
  let escaped = false
  for (const character of part) {
    if (!escaped && character === '\\') escaped = true
    else {
      glob.push(escaped ? character : character === '*' ? anyRun : character === '?' ? anyOne : character)
      escaped = false
    }
  }
  return glob
}

/** In time linear in the text for each star: on a mismatch only the last star takes one character more. */
export function globMatches(glob: Glob, text: string): boolean {
  const characters = [...text]
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < characters.length; ) {
    const token = glob[at]
    if (token === anyRun) {
      star = at
      resume = index
      at += 1
    } else if (token !== undefined && (token === anyOne || token === characters[index])) {
      at += 1
      index += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      index = resume
    } else return false
  }
  return glob.slice(at).every((token) => token === anyRun)
}
