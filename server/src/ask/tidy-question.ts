// A question as people type it → its direct form, without greetings and contractions.

const pleasantries = [
  /^(?:hi|hello|hey|ok(?:ay)?|so|well|and|now|then|also|but)[,!. ]+(?=\S)/i,
  /^(?:opentrace|assistant)[,:!. ]+/i,
  /^(?:please|pls|kindly)[, ]+/i,
  /^(?:(?:can|could|would|will) you (?:please )?(?:tell me|show me|explain|say|help me (?:find|understand|see)|find out|give me|list|find|describe)(?= ))/i,
  /^(?:i (?:want|need|would like|'d like|wish) to (?:know|see|understand|find out|learn)|i (?:wonder|am wondering)|do you know|(?:please )?tell me|let me know|show me|i'd like to know)[, ]+(?=(?:what|which|who|where|how|if|when|why|whether)\b)/i,
  /^(?:if|whether) (?=(?:there|it|any)\b)/i,
];
const contractions: [RegExp, string][] = [
  [/\b(what|who|where|how|which|that|there)['’]s\b/gi, "$1 is"],
  [/\b(what|who|where|how)['’]re\b/gi, "$1 are"],
  [/\bI['’]d\b/g, "I would"],
  [/\bI['’]m\b/g, "I am"],
  [/\b(does|do|is|are)n['’]t\b/gi, "$1"],
];

/** "Can you tell me what … please?" → "what …" */
export function tidyQuestion(text: string): string {
  let tidy = text
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .replace(/^[\s,;:!?]+/, "")
    .trim();
  for (const [from, to] of contractions) tidy = tidy.replace(from, to);
  tidy = tidy
    .replace(/[\s?!.;:]+$/, "")
    .replace(/[, ]+(?:please|pls|thanks|thank you|right now|at the moment|currently|exactly|though)$/i, "")
    .replace(/[\s?!.;:,]+$/, "");
  for (let round = 0; round < 4; round++) {
    const before = tidy;
    for (const lead_ of pleasantries) {
      const match = lead_.exec(tidy);
      if (match === null) continue;
      const verb = /(show me|explain|give me|list|find|describe)$/i.exec(match[0].trim());
      const rest = tidy.slice(match[0].length).trim();
      const isQuestion = /^(?:what|which|who|where|how|when|why|if|whether)\b/i.test(rest);
      tidy = verb?.[1] !== undefined && !isQuestion && /you/i.test(match[0]) ? `${verb[1]} ${rest}` : rest;
    }
    if (tidy === before) break;
  }
  return indirect(tidy);
}

/** "where PayService is defined", "what the dependencies of X are", "who X is used by" → the direct order of words. */
function indirect(text: string): string {
  return text
    .replace(/^(what|who|which \w+|where) (.{1,160}) (is|are)$/i, (whole, w: string, x: string, be: string) =>
      /\b(?:is|are|do|does|calls?|uses?|depends?)\b/i.test(x) ? whole : `${w} ${be} ${x}`,
    )
    .replace(
      /^where (.{1,160}) (is|are) (defined|declared|used|called|implemented|imported)$/i,
      (whole, x: string, be: string, verb: string) =>
        /^(?:is|are|do|does)\b/i.test(x) ? whole : `where ${be} ${x} ${verb}`,
    )
    .replace(/^how (.{1,160}) (connects?|relates?) to (.{1,160})$/i, (whole, a: string, _verb: string, b: string) =>
      /^(?:does|do|is|are|can)\b/i.test(a) ? whole : `how does ${a} connect to ${b}`,
    )
    .replace(
      /^(?:what|who|which \w+) (?:is|are) (.{1,160}?) (called|used|imported|extended|implemented|referenced|needed) by$/i,
      (_whole, x: string, verb: string) => `where is ${x} ${verb}`,
    )
    .replace(
      /^what (?!(?:do|does|did|is|are|would|will|could|can|has|have|was|were|should|else|other)\b)(\S{1,160}) (depends on|calls|uses|imports|needs|requires|extends)$/i,
      (_whole, x: string, verb: string) => `what does ${x} ${verb.replace(/s(?= on$|$)/, "")}`,
    );
}
