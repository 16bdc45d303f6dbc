/** In place. What is written is mostly in order already, or little: that is put in place without a copy. */
export function sortFew<T>(entries: T[], compare: (a: T, b: T) => number): void {
  if (entries.length > fewMax) {
    entries.sort(compare)
    return
  }
  for (let end = 1; end < entries.length; end += 1) {
    const entry = entries[end] as T
    let at = end
    for (; at > 0 && compare(entries[at - 1] as T, entry) > 0; at -= 1) entries[at] = entries[at - 1] as T
    entries[at] = entry
  }
}

const fewMax = 24
