// What has just happened: one polite region, one assertive, and a word on the screen with Undo.

import { signal } from "@preact/signals";

import { words } from "../words";

const SECONDS = 10;

interface Said {
  text: string;
  undo?: (() => void) | undefined;
}

const toast = signal<Said | null>(null);
const polite = signal("");
const urgent = signal("");

let timer = 0;

/** Shows what was done, for ten seconds; `undo` takes it back. */
export function say(text: string, undo?: () => void): void {
  clearTimeout(timer);
  toast.value = { text, undo };
  polite.value = text;
  timer = setTimeout(() => {
    toast.value = null;
  }, SECONDS * 1000);
}

/** Tells screen readers alone. */
export function tell(text: string): void {
  polite.value = text;
}

/** Tells screen readers of a refusal that has no field. */
export function warn(text: string): void {
  urgent.value = "";
  urgent.value = text;
}

export function Live() {
  const said = toast.value;
  return (
    <>
      <div class="unseen" role="status">
        {polite.value}
      </div>
      <div class="unseen" role="alert">
        {urgent.value}
      </div>
      {said && (
        <div class="toast">
          <div>
            <span aria-hidden="true">{said.text}</span>
            {said.undo && (
              <button
                type="button"
                class="link"
                onClick={() => {
                  toast.value = null;
                  said.undo?.();
                }}
              >
                {words.undo}
              </button>
            )}
          </div>
        </div>
      )}
    </>
  );
}
