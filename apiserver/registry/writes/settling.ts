/** Runs a write and, when it is made or refused, the callbacks that it collected. */
export async function settling<T>(write: (onSettled: (callback: () => void) => void) => Promise<T>): Promise<T> {
  const callbacks: (() => void)[] = []
  try {
    return await write((callback) => callbacks.push(callback))
  } finally {
    for (const callback of callbacks) callback()
  }
}
