import { expect, test } from "vitest";
import { storeRefusedBy } from "@/features/documents/store-words";

const xml = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>1</RequestId></Error>`;

test("a ticket that has ended may be asked for again", () => {
  const error = storeRefusedBy(403, xml("AccessDenied", "Invalid according to Policy: Policy expired."));
  expect([error.status, error.message]).toEqual([408, "The leave to send this file has ended. Try again."]);
});

test("a file that has changed its size is not tried again", () => {
  const error = storeRefusedBy(400, xml("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"));
  expect(error.status).toBe(400);
  expect(error.message).toContain("it has changed since");
});

test("a busy store is tried again", () => {
  expect(storeRefusedBy(503, xml("SlowDown", "Please reduce your request rate.")).status).toBe(408);
});

test("what nobody foresaw keeps the store's own words for the administrator", () => {
  expect(storeRefusedBy(403, xml("AccessDenied", "Access Denied")).message).toContain("(AccessDenied: Access Denied)");
  expect(storeRefusedBy(502, "<html>Bad gateway").message).toContain("(status 502)");
});
