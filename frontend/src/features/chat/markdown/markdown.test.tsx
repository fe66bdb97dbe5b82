// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import Markdown from "@/features/chat/markdown/markdown";
import { SourcesContext, type Source, type Sources } from "@/features/chat/sources";

afterEach(cleanup);

const source: Source = { marker: 1, chunkId: "c", documentId: "d", title: "handbook.pdf", page: 12, quote: "25 days" };
const sources = (more: Partial<Sources> = {}): Sources => ({
  citations: [source],
  hits: [],
  workspaceId: "w",
  complete: true,
  onCite: vi.fn(),
  ...more,
});
const draw = (text: string, context = sources()) =>
  render(
    <SourcesContext value={context}>
      <Markdown text={text} />
    </SourcesContext>,
  ).container;

test("a marker with a source is a button that opens it", () => {
  const onCite = vi.fn();
  draw("You have 25 days [1].", sources({ onCite }));
  fireEvent.click(screen.getByRole("button", { name: "Source 1: handbook.pdf, page 12" }));
  expect(onCite).toHaveBeenCalledWith(source);
});

test("a marker whose source is not known yet is no button, and one without a source stays text", () => {
  draw("Coming [1]", sources({ citations: [], complete: false }));
  expect(screen.queryByRole("button")).toBeNull();
  cleanup();
  expect(draw("See [7]").textContent).toBe("See [7]");
});

test("a marker in code stays code", () => {
  expect(draw("`list[1]`").querySelector("code")?.textContent).toBe("list[1]");
});

test("markup in an answer is shown, never run", () => {
  const drawn = draw('<img src=x onerror="alert(1)"> <script>alert(1)</script>\n\n<div onclick="x">block</div>');
  expect(drawn.querySelector("img, script, [onclick]")).toBeNull();
  expect(drawn.textContent).toContain("<script>alert(1)</script>");
});

test("only web and mail addresses become links, and images are not loaded", () => {
  const drawn = draw("[bad](javascript:alert(1)) [good](https://example.org) ![picture](https://example.org/p.png)");
  expect([...drawn.querySelectorAll("a")].map((link) => link.getAttribute("href"))).toEqual([
    "https://example.org",
    "https://example.org/p.png",
  ]);
  expect(drawn.querySelector("img")).toBeNull();
});

test("tables, lists, code and escaped signs come out as such", () => {
  const drawn = draw(
    "| a | b |\n| - | -: |\n| 1 | 2 |\n\n1. one\n2. two\n\n```python\nx = 1 < 2\n```\n\nfish &amp; chips",
  );
  expect(drawn.querySelectorAll("td")).toHaveLength(2);
  expect(drawn.querySelectorAll("ol > li")).toHaveLength(2);
  expect(drawn.querySelector("pre")?.textContent).toBe("x = 1 < 2");
  expect(drawn.textContent).toContain("fish & chips");
});
