/** A small form in a dialog: Enter sends it, a refusal is shown in it, what was typed is kept. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { Refusal } from "@/shared/states";

type FormModalProps<Result> = {
  title: string;
  verb: string;
  disabled?: boolean;
  size?: "small" | "medium" | "large";
  children: ReactNode;
  send: () => Promise<Result>;
  onDone: (result: Result) => void;
  onCancel: () => void;
};

export function FormModal<Result>(props: FormModalProps<Result>) {
  const sending = useMutation({ mutationFn: props.send, onSuccess: props.onDone });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    if (!props.disabled && !sending.isPending) sending.mutate();
  };
  return (
    <Modal visible header={props.title} size={props.size ?? "medium"} closeAriaLabel="Close" onDismiss={props.onCancel}>
      <form onSubmit={submit}>
        <SpaceBetween size="l">
          {props.children}
          {sending.error && <Refusal error={sending.error} />}
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" onClick={props.onCancel}>
                Cancel
              </Button>
              <Button variant="primary" disabled={props.disabled} loading={sending.isPending}>
                {props.verb}
              </Button>
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
