export declare const examplesVersion: string
