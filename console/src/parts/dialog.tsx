// Dialogs: the browser's own, with the safe button first, and one question at a time.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { Button } from "./button";
import { TextField } from "./field";

export function Dialog(props: {
  title: string;
  children: ComponentChildren;
  /** Escape and the page behind; without it the dialog stays. */
  onClose?: (() => void) | undefined;
  wide?: boolean;
}) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const opener = document.activeElement;
    box.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      class={props.wide ? "wide" : ""}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose?.();
      }}
    >
      <div>
        <h2 id={id}>{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  safe: string;
  act: string;
  danger?: boolean;
  /** A name to be typed before the act is offered. */
  type?: { name: string; label: string } | undefined;
  answer: (agreed: boolean) => void;
}

const asked = signal<Question | null>(null);

/** Asks before what cannot be undone. */
export function ask(question: Omit<Question, "answer">): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (agreed) => {
        asked.value = null;
        resolve(agreed);
      },
    };
  });
}

export function Asking() {
  const question = asked.value;
  return question && <Ask key={question.title} question={question} />;
}

function Ask({ question }: { question: Question }) {
  const [typed, setTyped] = useState("");
  const locked = question.type !== undefined && typed.trim() !== question.type.name.trim();
  return (
    <Dialog title={question.title} onClose={() => question.answer(false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!locked) question.answer(true);
        }}
      >
        <div class="stack tight">{question.text}</div>
        {question.type && (
          <TextField label={question.type.label} value={typed} onValue={setTyped} autocomplete="off" />
        )}
        <div class="acts">
          <button type="button" class="button" autofocus onClick={() => question.answer(false)}>
            {question.safe}
          </button>
          <Button submit kind={question.danger ? "danger" : "main"} disabled={locked}>
            {question.act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
