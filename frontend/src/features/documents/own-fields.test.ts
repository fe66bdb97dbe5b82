import { expect, test } from "vitest";
import { fromLines, toLines } from "@/features/documents/own-fields";

test("what was typed comes back as it was", () => {
  const fields = { year: 2026, draft: false, author: "A = B", code: "007", empty: "" };
  expect(fromLines(toLines(fields))).toEqual(fields);
});

test("a name alone is a field that is true, and empty lines are nothing", () => {
  expect(fromLines("\n urgent \n\n= 3\n")).toEqual({ urgent: true });
});
