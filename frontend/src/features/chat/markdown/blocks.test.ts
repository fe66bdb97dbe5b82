import fc from "fast-check";
import { expect, test } from "vitest";
import { blocksOf, NO_BLOCKS, type Blocks } from "@/features/chat/markdown/blocks";

const PIECES = [
  "# Title\n\n",
  "A paragraph with **bold** text [1].\n",
  "\n",
  "- one\n- two\n",
  "\n  more of two\n",
  "1. first\n2. second\n\n",
  "| a | b |\n| - | - |\n| 1 | 2 |\n",
  "```python\nx = 1\n\ny = 2\n```\n",
  "> quoted\n",
  "---\n",
  "Heading\n===\n\n",
  "    indented\n",
  "[link](https://example.org) `code`\n\n",
];

function grown(text: string, cuts: number[]): Blocks {
  const ends = [...cuts.map((cut) => cut % (text.length + 1)).sort((one, other) => one - other), text.length];
  return ends.reduce<Blocks>((before, end) => blocksOf(text.slice(0, end), before), NO_BLOCKS);
}

test("a text that grows in any steps is covered without a gap by its blocks", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      (pieces, cuts) => {
        const text = pieces.join("\n");
        const { blocks } = grown(text, cuts);
        const rebuilt = blocks.reduce((end, block) => {
          expect(text.slice(end, block.start).trim()).toBe("");
          return block.start + block.token.raw.length;
        }, 0);
        expect(text.slice(rebuilt).trim()).toBe("");
      },
    ),
  );
});

test("an answer streamed word by word has the blocks of the answer parsed whole", () => {
  const text = PIECES.join("\n");
  const cuts = [...text.matchAll(/\s/g)].map((match) => match.index);
  const kinds = (blocks: Blocks): string[] =>
    blocks.blocks.map((block) => `${block.token.type}: ${block.token.raw.trim()}`);
  expect(kinds(grown(text, cuts))).toEqual(kinds(blocksOf(text)));
});

test("finished blocks are never parsed again", () => {
  const before = blocksOf("one\n\ntwo\n\nthree\n\nfour");
  const after = blocksOf("one\n\ntwo\n\nthree\n\nfour, and more\n\nfive", before);
  expect(after.blocks.slice(0, 2).map((block) => block.token)).toEqual(
    before.blocks.slice(0, 2).map((block) => block.token),
  );
  expect(after.blocks[0]?.token).toBe(before.blocks[0]?.token);
  expect(after.blocks[1]?.token).toBe(before.blocks[1]?.token);
});

test("a text that begins anew is parsed anew", () => {
  expect(blocksOf("other", blocksOf("one\n\ntwo\n\nthree")).blocks).toHaveLength(1);
});
