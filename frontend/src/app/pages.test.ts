import { expect, test } from "vitest";
import { routeOf } from "@/app/pages";

test("addresses lead to their pages", () => {
  expect(
    ["/", "/chat/1", "/workspaces", "/workspaces/1", "/users", "/account", "/chat", "/nowhere", "/workspaces/1/2"].map(
      (path) => routeOf(path, "new").page,
    ),
  ).toEqual(["chat", "chat", "workspaces", "workspace", "users", "account", "unknown", "unknown", "unknown"]);
});

test("a new conversation keeps its page when its first question gives it an address", () => {
  expect(routeOf("/", "abc").key).toBe(routeOf("/chat/abc", "abc").key);
});
