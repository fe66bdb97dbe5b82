import { expect, test } from "vitest";
import { reduceFlow, START, type Happening } from "@/features/sign-in/pool-flow";

const after = (...happenings: Happening[]) => happenings.reduce(reduceFlow, START);

test.each([
  [{ name: "newPassword" }, "newPassword"],
  [{ name: "code" }, "code"],
  [{ name: "codeSetup", secret: "ABCD", link: "otpauth://totp/x" }, "codeSetup"],
  [{ name: "mustReset" }, "forgot"],
] as const)("what the pool asks for stands on the page: %o", (step, stage) => {
  const flow = after({ type: "stepped", userName: "ada", step });
  expect([flow.stage.name, flow.userName]).toEqual([stage, "ada"]);
});

test("a form stays until the page goes when the pool lets somebody in", () => {
  const before = after({ type: "stepped", userName: "ada", step: { name: "code" } });
  expect(reduceFlow(before, { type: "stepped", userName: "ada", step: { name: "done" } })).toBe(before);
});

test("a forgotten password leads over a code to the sign-in, which knows the name", () => {
  const asked = after(
    { type: "forgotten", userName: "ad" },
    { type: "codeSent", userName: "ada", sentTo: "a***@e***" },
  );
  expect(asked.stage).toEqual({ name: "reset", sentTo: "a***@e***" });
  const set = reduceFlow(asked, { type: "passwordSet" });
  expect([set.stage.name, set.userName, set.note?.type]).toEqual(["password", "ada", "success"]);
});

test("a sign-in that took too long begins again and says why", () => {
  const flow = after(
    { type: "stepped", userName: "ada", step: { name: "code" } },
    { type: "begunAgain", why: "That took too long. Begin again." },
  );
  expect(flow).toEqual({
    stage: { name: "password" },
    userName: "ada",
    note: { type: "error", text: "That took too long. Begin again." },
  });
});
