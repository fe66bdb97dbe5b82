/** The forms of a sign-in at a user pool, one for each stage. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type Dispatch, type ReactNode } from "react";
import { CodeField, NameAndPassword, NameField, NewPasswordField } from "@/features/sign-in/fields";
import { Other, SecretKey, Through } from "@/features/sign-in/parts";
import { sendCode, setPassword, type Step } from "@/features/sign-in/pool";
import type { Flow, Happening } from "@/features/sign-in/pool-flow";
import { SignInBox } from "@/features/sign-in/sign-in-box";
import { BeginAgain } from "@/shared/cognito-words";

type Form = { flow: Flow; tell: Dispatch<Happening> };
type Answered = Form & { send: (answer: string) => Promise<Step> };
type Named = Form & { provider?: string; send: (name: string, password: string) => Promise<Step> };

/** `provider`: another house whose people may come in. */
export function Password({ flow, tell, provider, send }: Named) {
  const [name, setName] = useState(flow.userName);
  const [password, setPassword] = useState("");
  const userName = name.trim();
  return (
    <SignInBox
      title="Sign in to Kosha"
      note={flow.note}
      verb="Sign in"
      isReady={userName !== "" && password !== ""}
      send={() => send(userName, password)}
      onDone={(step) => tell({ type: "stepped", userName, step })}
      foot={
        <SpaceBetween size="s">
          {provider && <Through provider={provider} />}
          <Other onClick={() => tell({ type: "forgotten", userName })}>Forgot the password?</Other>
        </SpaceBetween>
      }
    >
      <NameAndPassword
        name={name}
        password={password}
        onName={setName}
        onPassword={setPassword}
        isKnown={flow.userName !== ""}
      />
    </SignInBox>
  );
}

type AnswerProps = Answered & {
  title: string;
  description: string;
  verb: string;
  answer: string;
  children: ReactNode;
};

/** One more answer that the pool wants after the password. */
function Answer({ flow, tell, send, answer, ...box }: AnswerProps) {
  return (
    <SignInBox
      {...box}
      isReady={answer !== ""}
      send={() => send(answer)}
      onDone={(step) => tell({ type: "stepped", userName: flow.userName, step })}
      onRefused={(error) => error instanceof BeginAgain && tell({ type: "begunAgain", why: error.message })}
      foot={<ToStart tell={tell} />}
    />
  );
}

function ToStart({ tell }: Pick<Form, "tell">) {
  return <Other onClick={() => tell({ type: "begunAgain" })}>Back to sign-in</Other>;
}

export function NewPassword(props: Answered) {
  const [next, setNext] = useState("");
  return (
    <Answer
      {...props}
      title="Choose a password"
      description="The one you came with was for the first time only."
      verb="Set password and sign in"
      answer={next}
    >
      <NewPasswordField value={next} onChange={setNext} userName={props.flow.userName} isFirst />
    </Answer>
  );
}

export function Code(props: Answered) {
  const [code, setCode] = useState("");
  return (
    <Answer
      {...props}
      title="Enter your code"
      description="Your authenticator app shows it, for half a minute each."
      verb="Sign in"
      answer={code.replaceAll(/\s/g, "")}
    >
      <CodeField value={code} onChange={setCode} isFirst />
    </Answer>
  );
}

export function CodeSetup({ secret, link, ...props }: Answered & { secret: string; link: string }) {
  const [code, setCode] = useState("");
  return (
    <Answer
      {...props}
      title="Set up your codes"
      description="Signing in here takes a code too. Add this key to an authenticator app, then enter the code it shows."
      verb="Sign in"
      answer={code.replaceAll(/\s/g, "")}
    >
      <SecretKey secret={secret} link={link} />
      <CodeField value={code} onChange={setCode} isFirst />
    </Answer>
  );
}

/** `mustReset`: an administrator has asked for a new password. */
export function Forgot({ flow, tell, mustReset }: Form & { mustReset: boolean }) {
  const [name, setName] = useState(flow.userName);
  const userName = name.trim();
  return (
    <SignInBox
      title={mustReset ? "A new password is needed" : "Forgot the password?"}
      description="A code goes to the address that the account has. With it you choose a new password."
      verb="Send the code"
      isReady={userName !== ""}
      send={() => sendCode(userName)}
      onDone={(sentTo) => tell({ type: "codeSent", userName, sentTo })}
      foot={<ToStart tell={tell} />}
    >
      <NameField value={name} onChange={setName} isFirst />
    </SignInBox>
  );
}

/** `sentTo`: as far as the pool tells, or empty. */
export function Reset({ flow, tell, sentTo }: Form & { sentTo: string }) {
  const [code, setCode] = useState("");
  const [next, setNext] = useState("");
  return (
    <SignInBox
      title="Choose a new password"
      description={`The code is on its way to ${sentTo || "the address of the account"}. It may take a minute.`}
      verb="Set password"
      isReady={code.trim() !== "" && next !== ""}
      send={() => setPassword(flow.userName, code.trim(), next)}
      onDone={() => tell({ type: "passwordSet" })}
      foot={
        <SpaceBetween size="s">
          <Other onClick={() => tell({ type: "forgotten", userName: flow.userName })}>Send another code</Other>
          <ToStart tell={tell} />
        </SpaceBetween>
      }
    >
      <CodeField value={code} onChange={setCode} isFirst />
      <NewPasswordField value={next} onChange={setNext} userName={flow.userName} />
    </SignInBox>
  );
}
