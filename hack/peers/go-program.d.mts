export type GoProgram = { readonly path: string } | { readonly reason: string }
export declare function findGoProgram(name: string, source: string): GoProgram
export declare function buildGoProgram(name: string, source: string): GoProgram
