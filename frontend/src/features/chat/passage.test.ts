import { expect, test } from "vitest";
import { around, markQuote } from "@/features/chat/passage";

const chunk = (chunkId: string, content: string, index: number) => ({ chunkId, content, index, enabled: true });

test("a quote is found as it stands", () => {
  expect(markQuote("You have 25 days of leave.", "25 days")).toEqual(["You have ", "25 days", " of leave."]);
});

test("a quote is found over line breaks, hyphens and other case", () => {
  expect(markQuote("Paid\nleave  is 25 work-\ning days.", "paid leave is 25 working days")).toEqual([
    "",
    "Paid\nleave  is 25 work-\ning days",
    ".",
  ]);
});

test("a quote that is not there marks nothing", () => {
  expect(markQuote("You have 25 days.", "30 days")).toBeNull();
  expect(markQuote("You have 25 days.", "")).toBeNull();
});

test("the text around a passage does not repeat what neighbouring chunks share", () => {
  const chunks = [chunk("a", "One two three.", 0), chunk("b", "three. Four five.", 1), chunk("c", "five. Six.", 2)];
  expect(around(chunks, "b")).toEqual({ before: "One two", after: "Six." });
  expect(around(chunks, "a")).toEqual({ before: "", after: "Four five." });
  expect(around(chunks, "gone")).toEqual({ before: "", after: "" });
});
