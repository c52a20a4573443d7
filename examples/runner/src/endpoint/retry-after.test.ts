import { expect, test } from 'vitest';
import { retryAfter } from './retry-after.js';

test.each([
  [429, null, 0, 1000],
  [429, null, 1, 2000],
  [429, null, 2, undefined],
  [503, '3', 0, 3000],
  [429, ' 0 ', 1, 0],
  [429, '31', 0, undefined],
  [429, 'soon', 0, 1000],
  [429, 'Thu, 01 Jan 1970 00:00:00 GMT', 0, 0],
  [500, '1', 0, undefined],
  [200, null, 0, undefined],
])('status %i with Retry-After %j after %i retries waits %s', (status, header, retries, wait) => {
  expect(retryAfter(status, header, retries)).toBe(wait);
});
