/** Markdown tokens as React elements: no HTML is ever made from a text, so none can be smuggled in. */
import type { Token, Tokens } from "marked";
import { Fragment, type ReactNode } from "react";
import { CitationMark } from "@/features/chat/citation-mark";
import { CodeBlock } from "@/features/chat/markdown/code-block";

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  apos: "'",
  nbsp: "\u00a0",
};
const SAFE_LINK = /^(https?:|mailto:)/i;

export function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39|apos|nbsp);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

type Known =
  | Tokens.Paragraph
  | Tokens.Heading
  | Tokens.Code
  | Tokens.Blockquote
  | Tokens.List
  | Tokens.Table
  | Tokens.Hr
  | Tokens.HTML
  | Tokens.Strong
  | Tokens.Em
  | Tokens.Del
  | Tokens.Codespan
  | Tokens.Br
  | Tokens.Link
  | Tokens.Image
  | Tokens.Escape
  | Tokens.Text
  | { type: "citation"; raw: string; marker: number };

export function inline(tokens: readonly Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => <Fragment key={index}>{element(token)}</Fragment>);
}

function children(token: { tokens?: Token[]; text: string }): ReactNode {
  return token.tokens ? inline(token.tokens) : plain(token.text);
}

export function element(token: Token): ReactNode {
  const known = token as Known;
  switch (known.type) {
    case "paragraph":
      return <p>{inline(known.tokens)}</p>;
    case "heading":
      return <Heading depth={known.depth}>{inline(known.tokens)}</Heading>;
    case "code":
      return <CodeBlock text={known.text} language={known.lang ?? ""} />;
    case "blockquote":
      return <blockquote>{inline(known.tokens)}</blockquote>;
    case "list":
      return <List list={known} />;
    case "table":
      return <Table table={known} />;
    case "hr":
      return <hr />;
    case "strong":
      return <strong>{inline(known.tokens)}</strong>;
    case "em":
      return <em>{inline(known.tokens)}</em>;
    case "del":
      return <del>{inline(known.tokens)}</del>;
    case "codespan":
      return <code>{known.text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link href={known.href}>{children(known)}</Link>;
    case "image":
      return <Link href={known.href}>{known.text || "image"}</Link>; // nothing is loaded from another origin
    case "citation":
      return <CitationMark marker={known.marker} />;
    case "text":
      return children(known);
    case "escape":
      return plain(known.text);
    case "html":
    default:
      return token.raw;
  }
}

/** An answer's headings stand below the page's own. */
function Heading({ depth, children: content }: { depth: number; children: ReactNode }) {
  const Tag = depth <= 1 ? "h3" : depth === 2 ? "h4" : "h5";
  return <Tag>{content}</Tag>;
}

function Link({ href, children: content }: { href: string; children: ReactNode }) {
  if (!SAFE_LINK.test(href)) return <>{content}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {content}
    </a>
  );
}

function List({ list }: { list: Tokens.List }) {
  const items = list.items.map((item, index) => (
    <li key={index}>
      {item.task && (
        <input
          type="checkbox"
          checked={item.checked ?? false}
          readOnly
          disabled
          aria-label={item.checked ? "Done" : "Not done"}
        />
      )}
      {inline(item.tokens.filter((token) => token.type !== "checkbox"))}
    </li>
  ));
  return list.ordered ? <ol start={list.start === "" ? 1 : list.start}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ table }: { table: Tokens.Table }) {
  const cell = (content: Tokens.TableCell, index: number, Tag: "th" | "td") => (
    <Tag key={index} style={{ textAlign: content.align ?? undefined }}>
      {inline(content.tokens)}
    </Tag>
  );
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead>
          <tr>{table.header.map((content, index) => cell(content, index, "th"))}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>{row.map((content, column) => cell(content, column, "td"))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
