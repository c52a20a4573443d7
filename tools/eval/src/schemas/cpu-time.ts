/**
 * CPU time of the process so far, in ms: unlike the clock, it does not count what else the machine
 * does.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
