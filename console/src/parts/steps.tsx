// To the former and the next of a list, without going back to it.

import { words } from "../words";

export function Steps(props: { of: readonly string[]; id: string; href: (id: string) => string }) {
  const { of, id, href } = props;
  const at = of.indexOf(id);
  const step = (by: number, key: string, label: string, sign: string) => {
    const other = at < 0 ? undefined : of[at + by];
    return other === undefined ? null : (
      <a class="button little" data-key={key} aria-label={label} href={href(other)}>
        <span class="turn">{sign}</span>
      </a>
    );
  };
  return (
    <>
      {step(-1, "former", words.former, "‹")}
      {step(1, "next", words.next, "›")}
    </>
  );
}
