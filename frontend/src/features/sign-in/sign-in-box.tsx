/** The box in the middle of the page: a form, its one button, and why it was refused. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import "@/features/sign-in/sign-in.css";
import { usePageTitle } from "@/shared/page-title";
import { Refusal } from "@/shared/states";

/** What is said above the form until it is sent. */
export type Note = { type: "success" | "info" | "error"; text: string };

type SignInBoxProps<Result> = {
  title: string;
  description?: ReactNode;
  note?: Note | null;
  verb: string;
  isReady: boolean;
  send: () => Promise<Result>;
  onDone: (result: Result) => void;
  onRefused?: (error: Error) => void;
  foot?: ReactNode;
  children: ReactNode;
};

export function SignInBox<Result>({ note, ...props }: SignInBoxProps<Result>) {
  const sending = useMutation({ mutationFn: props.send, onSuccess: props.onDone, onError: props.onRefused });
  usePageTitle(props.title);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (props.isReady && !sending.isPending) sending.mutate();
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <Container
          header={
            <Header variant="h1" description={props.description}>
              {props.title}
            </Header>
          }
        >
          <SpaceBetween size="m">
            {note && sending.isIdle && (
              <div role={note.type === "error" ? "alert" : "status"}>
                <Alert type={note.type}>{note.text}</Alert>
              </div>
            )}
            {sending.error && <Refusal error={sending.error} />}
            {props.children}
            <Button variant="primary" fullWidth loading={sending.isPending} disabled={!props.isReady}>
              {props.verb}
            </Button>
            {props.foot}
          </SpaceBetween>
        </Container>
      </form>
    </main>
  );
}
