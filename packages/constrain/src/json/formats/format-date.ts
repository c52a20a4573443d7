const date = [
  String.raw`\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))`,
  // Leap years: divisible by 4, and by 400 where they are by 100.
  String.raw`(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29`,
].join('|');
const hourMinute = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const fraction = String.raw`(?:\.\d+)?`;
const time = [
  String.raw`${hourMinute}:[0-5]\d${fraction}(?:[Zz]|[+\-]${hourMinute})`,
  // A leap second is the last of a day in UTC; the offset that brings it there is checked.
  `23:59:60${fraction}[Zz]|${hourMinute}:60${fraction}[+\\-]${hourMinute}`,
].join('|');

const seconds = String.raw`\d+S`;
const minutes = String.raw`\d+M(?:${seconds})?`;
const hours = String.raw`\d+H(?:${minutes})?`;
const clock = `T(?:${hours}|${minutes}|${seconds})`;
const days = String.raw`\d+D`;
const months = String.raw`\d+M(?:${days})?`;
const years = String.raw`\d+Y(?:${months})?`;

/** RFC 3339: section 5.6, and appendix A for durations. */
export const dateFormats = {
  date: { pattern: new RegExp(date, 'u') },
  time: { pattern: new RegExp(time, 'u'), check: isLeapSecondInPlace },
  'date-time': {
    pattern: new RegExp(`(?:${date})[Tt](?:${time})`, 'u'),
    check: isLeapSecondInPlace,
  },
  duration: {
    pattern: new RegExp(
      String.raw`P(?:(?:${years}|${months}|${days})(?:${clock})?|${clock}|\d+W)`,
      'u',
    ),
  },
};

/** Whether second 60, if any, is 23:59:60 in UTC. */
function isLeapSecondInPlace(text: string): boolean {
  const match = /(\d\d):(\d\d):60(?:\.\d+)?([+-])(\d\d):(\d\d)$/.exec(text);
  if (!match) return true;
  const [, hour, minute, sign, offsetHour, offsetMinute] = match;
  const offset = Number(offsetHour) * 60 + Number(offsetMinute);
  const utc = Number(hour) * 60 + Number(minute) + (sign === '+' ? -offset : offset);
  return (utc + 1440) % 1440 === 1439;
}
