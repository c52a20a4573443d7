const set = (words: string) => new Set(words.split(/\s+/).filter(Boolean));

/**
 * No sentence ends after these, whatever follows. Written without their last full stop, as is or in
 * lower case.
 */
export const neverLast = set(`
  dr mr mrs ms mx messrs mme mlle prof rev hon gen col capt cpt lt sgt maj cmdr adm gov sen rep pres supt insp fr st ste mt ft
  e.g eg i.e ie viz cf vs v resp incl excl esp approx ca c circa appx dept est
  z.b d.h u.a bzw bspw hr fr frl hrn evtl ggf inkl vgl sog i.d.r z.t o.ä dipl ing
  p.ex p.e pex sr sra srta dra dto ud uds d.ª núm pág págs avda
  bl.a f.eks t.ex t.d dvs pga jf mht m.fl d.v.s s.k
  bijv dhr mevr nl m.b.t d.w.z sig sigg dott dssa ecc.es
  т.е т.д. ул им стр рис др т.н ул гл np tzn dr inż mgr hab św
`);

/** No sentence ends after these if a number or a single letter follows: `No. 4`, `Fig. A`. */
export const beforeNumber = set(`
  no nos nr num fig figs eq eqs sec secs sect ch chap chaps vol vols p pp pg par para paras art arts cl app ex ver rev ed tab ref refs item
  abs abb abschn kap s bd ziff tel tlf tlf kl rom apt ste box ext op bk n nº núm pág art lin st hst pos lfd ausg
  jan feb mar apr jun jul aug sep sept oct nov dec okt dez mai mär
  mon tue tues wed thu thur thurs fri sat sun
`);

/** A sentence may end after these, and does if a capital follows, except in names. */
export const partOfNames = set(
  'co inc ltd corp bros int intl conf proc symp univ assn jr sr plc llc gmbh u.s u.k e.u u.n u.s.a d.c ph.d m.d b.c a.d esq',
);
export const mayBeLast = set('a.m p.m am pm etc usw osv enz ecc al m.m seq ff');

/** After a time of the day: `9 a.m. Monday`. */
export const afterTime =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|^(?:[A-Z]{2,4}|GMT[+-]\d+)\b(?!')/;

/** Words that begin sentences at a place where a name might stand as well. */
export const starters = set(`
  The A An This That These Those It Its He She They We You I His Her Their Our My Your There Here
  In On At By For From With To As If When While Where Why How What Who After Before Since Until Once Then Thus So But And Or Nor Yet
  However Also Although Because Though Still Now Today Yesterday Tomorrow Later Please Not No Yes All Each Every Some Many Most Both
  Der Die Das Ein Eine Er Sie Es Wir Ich Ihr Dann Aber Und Le La Les Un Une Il Elle Nous Vous El Los Las Una Den Det Han Hun Vi De
`);

/** Returns the word before a full stop at the end, `''` if there is none. */
export function abbreviatedWord(text: string): string {
  return (
    /[\p{L}\p{M}\p{N}.&ªº-]*(?=\.["'”’)\]]*$)/u.exec(text.slice(-40))?.[0].replace(/^\.+/, '') ?? ''
  );
}

/** Whether the full stop at the end of a line belongs to a title, an initial or an abbreviation. */
export function endsWithAbbreviation(line: string): boolean {
  const word = abbreviatedWord(line);
  const lower = word.toLowerCase();
  return neverLast.has(lower) || beforeNumber.has(lower) || /^\p{Lu}$/u.test(word);
}
