/** Where a question is written: Enter sends, Shift+Enter breaks the line, Esc stops, Up edits the last question. */
import Button from "@cloudscape-design/components/button";
import PromptInput, { type PromptInputProps } from "@cloudscape-design/components/prompt-input";
import { useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";

export type ComposerHandle = { focus: () => void; edit: (text: string) => void };
type ComposerProps = {
  ref: Ref<ComposerHandle>;
  running: boolean;
  editing: boolean;
  /** False until it is known where a question goes; what is typed meanwhile is kept. */
  ready: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
  onEditLast: () => void;
  onCancelEdit: () => void;
  children?: ReactNode;
};

const LIMIT_CHARACTERS = 20_000;
const STOP_ICON = (
  <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <rect x="3" y="3" width="10" height="10" rx="1.5" fill="currentColor" stroke="none" />
  </svg>
);

export function Composer({
  ref,
  running,
  editing,
  ready,
  onSend,
  onStop,
  onEditLast,
  onCancelEdit,
  children,
}: ComposerProps) {
  const [text, setText] = useState("");
  const input = useRef<PromptInputProps.Ref>(null);
  useImperativeHandle(ref, () => ({
    focus: () => input.current?.focus(),
    edit: (old) => {
      setText(old);
      input.current?.focus();
    },
  }));
  const tooLong = text.length > LIMIT_CHARACTERS;
  const sendable = ready && !tooLong && text.trim() !== "";
  const send = (): void => {
    if (running || !sendable) return;
    setText("");
    onSend(text.trim());
  };
  const onKeyDown: PromptInputProps["onKeyDown"] = (event) => {
    const { key, isComposing } = event.detail;
    if (isComposing) return;
    if (key === "Escape" && running) onStop();
    else if (key === "Escape" && editing) {
      setText("");
      onCancelEdit();
    } else if (key === "ArrowUp" && text === "" && !running) {
      event.preventDefault();
      onEditLast();
    }
  };
  return (
    <div className="composer">
      {editing && <EditingLine onCancel={() => (setText(""), onCancelEdit())} />}
      <PromptInput
        ref={input}
        value={text}
        onChange={({ detail }) => setText(detail.value)}
        onAction={send}
        onKeyDown={onKeyDown}
        ariaLabel="Message"
        placeholder="Ask about your documents"
        autoFocus
        minRows={1}
        maxRows={8}
        invalid={tooLong}
        customPrimaryAction={
          running ? (
            <Button variant="icon" iconSvg={STOP_ICON} ariaLabel="Stop" onClick={onStop} />
          ) : (
            <Button variant="icon" iconName="send" ariaLabel="Send" disabled={!sendable} onClick={send} />
          )
        }
      />
      {tooLong && (
        <p
          className="composer-error"
          role="alert"
        >{`A question may have ${LIMIT_CHARACTERS} characters; this one has ${text.length}. Shorten it, or add it as a document.`}</p>
      )}
      {children}
    </div>
  );
}

function EditingLine({ onCancel }: { onCancel: () => void }) {
  return (
    <p className="composer-editing">
      Changing your last question.{" "}
      <Button variant="inline-link" onClick={onCancel}>
        Cancel
      </Button>
    </p>
  );
}
