import { expect, test } from "vitest";
import { shownAs } from "@/shared/content";

test("markup is opened as plain text, never as a page of our origin", () => {
  expect(shownAs("text/html; charset=utf-8")).toBe("text/plain;charset=utf-8");
  expect(shownAs("image/svg+xml")).toBeNull();
  expect(shownAs("application/xhtml+xml")).toBeNull();
});

test("what a browser shows safely is opened, the rest is saved", () => {
  expect(shownAs("application/pdf")).toBe("application/pdf");
  expect(shownAs("application/vnd.openxmlformats-officedocument.wordprocessingml.document")).toBeNull();
});
