import { expect, test } from "vitest";
import { bodyFor } from "@/features/documents/send-file";

const file = new File(["bytes"], "notes.md");

test("a PUT ticket takes the bytes alone", () => {
  expect(bodyFor({ method: "PUT", url: "/upload/1", headers: {}, fields: {} }, file)).toBe(file);
});

test("a POST ticket takes a form: every field, then the file", () => {
  const form = bodyFor({ method: "POST", url: "/upload/1", headers: {}, fields: { key: "k", policy: "p" } }, file);
  expect(form instanceof FormData && [...form.keys()]).toEqual(["key", "policy", "file"]);
});
