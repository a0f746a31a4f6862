// Text that a stranger wrote: text, whatever it says, in its own direction.

/** Controls, marks of direction, and what cannot be seen: shown by its number. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

export function visible(text: string): string {
  return text.replace(UNSEEN, (mark) => {
    const code = mark.codePointAt(0) ?? 0;
    return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}

export function Told({ text, class: name }: { text: string; class?: string }) {
  return (
    <bdi dir="auto" class={name}>
      {visible(text)}
    </bdi>
  );
}

/** Secrets, networks, ids: always from left to right. */
export function Code({ text, class: name = "" }: { text: string; class?: string }) {
  return (
    <bdi dir="ltr" class={`mono ${name}`}>
      {visible(text)}
    </bdi>
  );
}
