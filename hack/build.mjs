// Moved; kept for a moment so that open shells still find it.
import { build } from './run/build.mjs'
await build()
