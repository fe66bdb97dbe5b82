/** Asks once before something is lost, and names what goes. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Refusal } from "@/shared/states";

/** `act` is awaited with the dialog open; a failure is shown in it and nothing is closed. */
export function Confirm(props: {
  title: string;
  verb: string;
  children: ReactNode;
  act: () => Promise<unknown>;
  onDone: () => void;
  onCancel: () => void;
}) {
  const acting = useMutation({ mutationFn: props.act, onSuccess: props.onDone });
  return (
    <Modal
      visible
      header={props.title}
      closeAriaLabel="Close"
      onDismiss={props.onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onCancel}>
              Cancel
            </Button>
            <Button variant="primary" loading={acting.isPending} onClick={() => acting.mutate()}>
              {props.verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="s">
        {props.children}
        {acting.error && <Refusal error={acting.error} />}
      </SpaceBetween>
    </Modal>
  );
}
