const date =
  '(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])))';

/** A number of a duration; one with a fraction is the last. */
const part = (unit: string) => `(?:[\\-+]?\\d+${unit}|[\\-+]?\\d+[.,]\\d+${unit}$)?`;

/** Patterns of formats that zod 3 keeps to itself, by the kind of a check. */
export const patterns3: Readonly<Record<string, string>> = {
  email:
    "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+\\-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
  cuid: '^[cC][^\\s\\-]{8,}$',
  cuid2: '^[0-9a-z]+$',
  ulid: '^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$',
  nanoid: '^[a-zA-Z0-9_\\-]{21}$',
  emoji: '^[\\p{Extended_Pictographic}\\p{Emoji_Component}]+$',
  jwt: '^[A-Za-z0-9_\\-]+\\.[A-Za-z0-9_\\-]+\\.[A-Za-z0-9_\\-]*$',
  base64: '^(?:[0-9a-zA-Z+/]{4})*(?:[0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?$',
  base64url: '^(?:[0-9a-zA-Z_\\-]{4})*(?:[0-9a-zA-Z_\\-]{2}(?:==)?|[0-9a-zA-Z_\\-]{3}=?)?$',
  date: `^${date}$`,
  duration: `^[\\-+]?P(?!$)${part('Y')}${part('M')}${part('W')}${part('D')}(?:T(?=[\\d+\\-])${part('H')}${part('M')}(?:[\\-+]?\\d+(?:[.,]\\d+)?S)?)?$`,
};

export interface TimeOptions {
  /**
   * Digits of a second's fraction; null or undefined: any number of them, and seconds may be left
   * out.
   */
  readonly precision?: number | null;
  readonly offset?: boolean;
  readonly local?: boolean;
}

export function timePattern3(options: TimeOptions): string {
  return `^${time(options)}$`;
}

export function dateTimePattern3(options: TimeOptions): string {
  const { offset, local } = options;
  const zone = `${local ? 'Z?' : 'Z'}${offset ? '|[+\\-]\\d{2}:?\\d{2}' : ''}`;
  return `^${date}T${time(options)}(?:${zone})$`;
}

function time({ precision }: TimeOptions): string {
  const fraction = precision ? `\\.\\d{${precision}}` : precision === 0 ? '' : '(?:\\.\\d+)?';
  // Zod 3 repeats the seconds where their precision is given.
  return `(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d${fraction})${precision ? '+' : '?'}`;
}
