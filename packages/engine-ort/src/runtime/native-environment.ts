import type { NativeApi, Pointer } from './native-api.js';
import { check, outPointer } from './native-status.js';

const errorsOnly = 3;

/**
 * The process-wide ONNX Runtime environment. It has one thread pool for all sessions, so the
 * spinning threads of one session do not take the cores from another.
 */
export interface NativeEnvironment {
  readonly env: Pointer;
  /**
   * Size of the shared pool; undefined if another user of the library made the environment without
   * one.
   */
  sharedThreads: number | undefined;
}

let current: { environment: NativeEnvironment; users: number } | undefined;

/**
 * Returns the environment, made at first use with a pool of `threads`. Pair each call with
 * `releaseEnvironment`.
 */
export function acquireEnvironment(api: NativeApi, threads: number): NativeEnvironment {
  if (!current) {
    const doing = 'creating the ONNX Runtime environment';
    const threading = outPointer(api, doing, (out) => api.CreateThreadingOptions(out));
    try {
      check(api, api.SetGlobalIntraOpNumThreads(threading, threads), doing);
      check(api, api.SetGlobalInterOpNumThreads(threading, 1), doing);
      const env = outPointer(api, doing, (out) =>
        api.CreateEnvWithGlobalThreadPools(errorsOnly, 'pliant', threading, out),
      );
      current = { environment: { env, sharedThreads: threads }, users: 0 };
    } finally {
      api.ReleaseThreadingOptions(threading);
    }
  }
  current.users++;
  return current.environment;
}

export function releaseEnvironment(api: NativeApi): void {
  if (!current || --current.users > 0) return;
  api.ReleaseEnv(current.environment.env);
  current = undefined;
}
