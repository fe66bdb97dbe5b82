/** A button that has files chosen. */
import Button from "@cloudscape-design/components/button";
import { useRef, type ChangeEvent } from "react";

type FileButtonProps = {
  children: string;
  onFiles: (files: File[]) => void;
  variant?: "primary" | "normal";
  multiple?: boolean;
  /** Endings that are offered, as ".pdf"; all without. */
  accept?: string;
  testId: string;
};

export function FileButton({ children, onFiles, variant, multiple, accept, testId }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const onChange = (event: ChangeEvent<HTMLInputElement>): void => {
    onFiles([...(event.target.files ?? [])]);
    event.target.value = ""; // the same file may be chosen again
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple={multiple}
        accept={accept}
        hidden
        aria-label={children}
        data-testid={testId}
        onChange={onChange}
      />
      <Button
        variant={variant}
        iconName="upload"
        formAction="none"
        ariaLabel={children}
        onClick={() => input.current?.click()}
      >
        {children}
      </Button>
    </>
  );
}
