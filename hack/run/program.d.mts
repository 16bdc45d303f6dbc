export function programAt(path: string): readonly string[]
