import type { Dispatcher } from 'undici'

/**
 * Asks `begins` at the last moment, when the request goes onto a connection: one may have to be made before, or to
 * become free. What it throws, the request rejects with, and nothing has been sent.
 */
export function askingFirst(begins: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        begins()
        handler.onRequestStart?.(controller, context)
      },
      onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
      onResponseStart: (...told) => handler.onResponseStart?.(...told),
      onResponseData: (...told) => handler.onResponseData?.(...told),
      onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
      onResponseError: (...told) => handler.onResponseError?.(...told),
    })
}
