/** A block of code with its language and a copy button. */
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { copy } from "@/shared/clipboard";

const TOLD_MS = 2_000;

export function CodeBlock({ text, language }: { text: string; language: string }) {
  const [told, setTold] = useState<string | null>(null);
  const onCopy = async (): Promise<void> => {
    setTold((await copy(text)) ? "Copied" : "Could not copy");
    setTimeout(() => setTold(null), TOLD_MS);
  };
  return (
    <figure className="code-block">
      <figcaption>
        <span>{language || "text"}</span>
        <span className="code-block-copy">
          <span role="status">{told}</span>
          <Button variant="inline-icon" iconName="copy" ariaLabel="Copy code" onClick={() => void onCopy()} />
        </span>
      </figcaption>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}
