/** A growing text sentence by sentence, for those who listen to it. */
const END_OF_SENTENCE = /[.!?:…。！？](?=\s)|\n/g;

/** Markdown's signs are not read out. */
export function spoken(markdown: string): string {
  return markdown
    .replace(/```[^\n]*\n?/g, "")
    .replace(/\[(\d{1,3})\]/g, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*_`#>|]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** How much of `text` is whole sentences: an index; all of it when it is `complete`. */
export function wholeSentences(text: string, complete: boolean): number {
  if (complete) return text.length;
  let end = 0;
  for (const match of text.matchAll(END_OF_SENTENCE)) end = match.index + match[0].length;
  return end;
}
