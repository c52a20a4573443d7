/**
 * RFC 5892, section 2.6 and appendix A: characters whose class does not follow from Unicode's
 * properties.
 */
const alwaysValid = /[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]/u;
const neverValid = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u;
const oldHangul = /[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;
const ignored =
  /[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Noncharacter_Code_Point}\u{1d100}-\u{1d24f}]|[\u20d0-\u20ff]/u;
const letterOrDigit = /[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]/u;

/**
 * Characters that are right only where a rule says so (RFC 5892, appendix A). Joiners are left to
 * UTS 46.
 */
const contexts: readonly {
  readonly where: RegExp;
  readonly isRight: (label: string) => boolean;
}[] = [
  { where: /\u00b7/u, isRight: (label) => !/(?<!l)\u00b7|\u00b7(?!l)/u.test(label) },
  { where: /\u0375/u, isRight: (label) => !/\u0375(?!\p{Script=Greek})/u.test(label) },
  {
    where: /[\u05f3\u05f4]/u,
    isRight: (label) => !/(?<!\p{Script=Hebrew})[\u05f3\u05f4]/u.test(label),
  },
  {
    where: /\u30fb/u,
    isRight: (label) =>
      /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(
        label.replaceAll('\u30fb', ''),
      ),
  },
  { where: /[\u0660-\u0669]/u, isRight: (label) => !/[\u06f0-\u06f9]/u.test(label) },
];
const inContext = /[\u00b7\u0375\u05f3\u05f4\u30fb\u0660-\u0669\u06f0-\u06f9\u200c\u200d]/u;

/**
 * Whether a label beyond ASCII is one that IDNA 2008 allows (RFC 5891, section 4.2, and RFC 5892),
 * but for joiners and the direction of writing. Unicode's version is that of the JavaScript engine.
 */
export function isInternationalLabel(label: string): boolean {
  return (
    label !== '' &&
    label === label.normalize('NFC') &&
    !label.startsWith('-') &&
    !label.endsWith('-') &&
    label.slice(2, 4) !== '--' &&
    !/^\p{M}/u.test(label) &&
    [...label].every((character) => isValid(character) || inContext.test(character)) &&
    contexts.every(({ where, isRight }) => !where.test(label) || isRight(label))
  );
}

function isValid(character: string): boolean {
  if (alwaysValid.test(character)) return true;
  if (neverValid.test(character)) return false;
  if (/[a-z0-9-]/.test(character)) return true;
  return (
    character === stable(character) &&
    !ignored.test(character) &&
    !oldHangul.test(character) &&
    letterOrDigit.test(character)
  );
}

/** NFKC(casefold(NFKC(character))); Cherokee folds to its capitals. */
function stable(character: string): string {
  const normal = character.normalize('NFKC');
  const folded = /\p{Script=Cherokee}/u.test(normal) ? normal.toUpperCase() : normal.toLowerCase();
  return folded.normalize('NFKC');
}
