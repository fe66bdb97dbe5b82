import { expect, test } from "vitest";
import { routeOf } from "@/app/pages";

test("addresses lead to their pages", () => {
  expect(
    ["/", "/chat/1", "/workspaces", "/workspaces/1", "/users", "/account", "/chat", "/nowhere", "/workspaces/1/2"].map(
      (path) => routeOf(path, "new").page,
    ),
  ).toEqual(["chat", "chat", "workspaces", "workspace", "users", "account", "unknown", "unknown", "unknown"]);
});

test("the parts of a workspace are one page, a document of it another", () => {
  const route = (path: string) => routeOf(path, "new");
  expect(route("/workspaces/1/settings")).toMatchObject({ page: "workspace", part: "settings" });
  expect(route("/workspaces/1/sources").key).toBe(route("/workspaces/1").key);
  expect(route("/workspaces/1/documents/2")).toMatchObject({ page: "workspace", documentId: "2" });
  expect(route("/workspaces/1/documents/2").key).not.toBe(route("/workspaces/1").key);
  expect(["/workspaces/1/documents", "/workspaces/1/settings/2", "/search/1"].map((path) => route(path).page)).toEqual([
    "unknown",
    "unknown",
    "unknown",
  ]);
});

test("the search lab and the playgrounds have addresses", () => {
  expect(["/search", "/embeddings", "/cross-encoders"].map((path) => routeOf(path, "new").page)).toEqual([
    "search",
    "embeddings",
    "cross-encoders",
  ]);
});

test("a new conversation keeps its page when its first question gives it an address", () => {
  expect(routeOf("/", "abc").key).toBe(routeOf("/chat/abc", "abc").key);
});
