import { expect, test } from "vitest";
import { spoken, wholeSentences } from "@/features/chat/sentences";

test("a text is read up to its last whole sentence, and to its end when it is complete", () => {
  const text = "First sentence. Second one? And the th";
  expect(text.slice(0, wholeSentences(text, false))).toBe("First sentence. Second one?");
  expect(wholeSentences(text, true)).toBe(text.length);
});

test("a number's point does not end a sentence", () => {
  expect(wholeSentences("It costs 3.5", false)).toBe(0);
});

test("signs are not read out", () => {
  expect(spoken("You have **25 days** [1], see [the portal](https://x.org).\n\n| a | b |")).toBe(
    "You have 25 days , see the portal. a b",
  );
});
