const date = [
  String.raw`\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))`,
  // Leap years: divisible by 4, and by 400 where they are by 100.
  String.raw`(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29`,
].join('|');
const hourMinute = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const fraction = String.raw`(?:\.\d+)?`;
const time = [
  String.raw`${hourMinute}:[0-5]\d${fraction}(?:[Zz]|[+\-]${hourMinute})`,
  `23:59:60${fraction}[Zz]`,
  leapSeconds(),
].join('|');

const seconds = String.raw`\d+S`;
const minutes = String.raw`\d+M(?:${seconds})?`;
const hours = String.raw`\d+H(?:${minutes})?`;
const clock = `T(?:${hours}|${minutes}|${seconds})`;
const days = String.raw`\d+D`;
const months = String.raw`\d+M(?:${days})?`;
const years = String.raw`\d+Y(?:${months})?`;

/** RFC 3339: section 5.6, and appendix A for durations. Leap seconds only at offsets of whole quarters of an hour. */
export const dateFormats = {
  date: { pattern: new RegExp(date, 'u') },
  time: { pattern: new RegExp(time, 'u') },
  'date-time': { pattern: new RegExp(`(?:${date})[Tt](?:${time})`, 'u') },
  duration: {
    pattern: new RegExp(
      String.raw`P(?:(?:${years}|${months}|${days})(?:${clock})?|${clock}|\d+W)`,
      'u',
    ),
  },
};

/**
 * Second 60, which is 23:59:60 in UTC, at offsets of whole quarters of an hour, as all are: the time decides the offset.
 */
function leapSeconds(): string {
  const hours = Array.from({ length: 24 }, (_, hour) => {
    const minutes = [14, 29, 44, 59].map((minute) => {
      const offset = (hour * 60 + minute + 1) % 1440;
      const ahead = clockOf(offset);
      const behind = clockOf((1440 - offset) % 1440);
      return String.raw`${minute}:60${fraction}(?:\+${ahead}|-${behind})`;
    });
    return `${String(hour).padStart(2, '0')}:(?:${minutes.join('|')})`;
  });
  return hours.join('|');
}

function clockOf(minutes: number): string {
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
