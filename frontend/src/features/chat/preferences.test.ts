import { expect, test } from "vitest";
import { chosenModel, chosenWorkspace } from "@/features/chat/preferences";
import type { Model, Workspace } from "@/shared/types";

const workspace = (id: string, status: Workspace["status"] = "ready") => ({ id, status }) as Workspace;
const model = (name: string, available = true) => ({ provider: "p", name, available }) as Model;

test("a question goes to the workspace that was chosen, else to the first that is ready", () => {
  const all = [workspace("a", "creating"), workspace("b"), workspace("c")];
  expect(chosenWorkspace("c", all)?.id).toBe("c");
  expect(chosenWorkspace(undefined, all)?.id).toBe("b");
  expect(chosenWorkspace("deleted", all)?.id).toBe("b");
});

test("who chose no workspace gets none", () => {
  expect(chosenWorkspace(null, [workspace("a")])).toBeNull();
});

test("a model that is not available now is not chosen", () => {
  const all = [model("a", false), model("b"), model("c")];
  expect(chosenModel({ provider: "p", name: "a" }, all)?.name).toBe("b");
  expect(chosenModel({ provider: "p", name: "c" }, all)?.name).toBe("c");
  expect(chosenModel(undefined, [])).toBeUndefined();
});
