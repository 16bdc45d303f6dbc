import { pino } from 'pino'
import type { LogFields, Logger } from './log.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const

export type LogLevel = (typeof logLevels)[number]

/**
 * One JSON line a message to the file descriptor. Names under which values travel are blanked even here, where none
 * should arrive: a mistake far away must not end in a log file.
 */
export function pinoLog(options: { readonly level: LogLevel; readonly descriptor: number }): Logger {
  const destination = pino.destination({ dest: options.descriptor, sync: true })
  const redact = { paths: [...valueFields], censor: '[redacted]' }
  return asLogger(pino({ level: options.level, redact, base: null, formatters: { level: levelName } }, destination))
}

const valueFields = [
  'authorization',
  'body',
  'cookie',
  'credential',
  'data',
  'password',
  'privateKey',
  'token',
  'value',
]

function levelName(label: string): { level: string } {
  return { level: label }
}

type PinoLogger = ReturnType<typeof pino>

function asLogger(log: PinoLogger): Logger {
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
    child: (fields: LogFields) => asLogger(log.child(fields)),
  }
}
