export type MaybePromise<T> = T | Promise<T>;

/** `go` of the value, at once where it is there. */
export function andThen<T, U>(
  value: MaybePromise<T>,
  go: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(go) : go(value);
}
