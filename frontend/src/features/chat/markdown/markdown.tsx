/** An answer's Markdown. Loaded when the first answer needs it. */
import type { Token } from "marked";
import { memo, useState } from "react";
import { blocksOf } from "@/features/chat/markdown/blocks";
import { element } from "@/features/chat/markdown/tokens";

const BlockView = memo(function BlockView({ token }: { token: Token }) {
  return element(token);
});

export default function Markdown({ text }: { text: string }) {
  const [parsed, setParsed] = useState(() => blocksOf(text));
  if (parsed.text !== text) setParsed(blocksOf(text, parsed));
  return (
    <div className="markdown">
      {parsed.blocks.map((block) => (
        <BlockView key={block.start} token={block.token} />
      ))}
    </div>
  );
}
