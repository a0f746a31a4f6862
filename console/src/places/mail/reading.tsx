// A mail that is read beside its list, and in its place on a phone; former and next without going back.

import type { ComponentChildren } from "preact";

import { MailFrame } from "../../parts/mailframe";
import { Steps } from "../../parts/steps";
import { Told } from "../../parts/told";
import { place, to } from "../../places";
import { size } from "../../times";
import { FileName } from "../tickets/entry";
import type { Contents } from "./api";
import { words } from "./words";

export function Beside(props: {
  list: string;
  ids: string[];
  id: string;
  busy: boolean;
  children: ComponentChildren;
}) {
  const { list, ids, id, busy, children } = props;
  // What the list is narrowed to stays.
  const href = (...of: string[]): string => to(["mail", list, ...of], Object.fromEntries(place.value.query));
  return (
    <section class="panel open-row" aria-busy={busy}>
      <div class="row spread">
        <a data-key="back" href={href()}>
          {words.back}
        </a>
        <span class="row">
          <Steps of={ids} id={id} href={href} />
        </span>
      </div>
      {children}
    </section>
  );
}

/** What a mail says: HTML in a frame that can do nothing, else text. */
export function MailContents({ of, sealed = false }: { of: Contents; sealed?: boolean }) {
  return (
    <>
      {of.html ? (
        <MailFrame title={words.bodyOf} html={of.html} sealed={sealed} />
      ) : (
        <pre class="code wrap" tabIndex={0} aria-label={words.bodyOf}>
          <Told text={of.text} />
        </pre>
      )}
      {of.cut && <p class="small muted">{words.cut}</p>}
      {of.attachments.length > 0 && (
        <div>
          <h3>{words.files}</h3>
          <ul>
            {of.attachments.map((file, at) => (
              <li key={at}>
                <FileName name={file.name} /> <span class="small muted">{size(file.size)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {of.headers.length > 0 && (
        <details class="small">
          <summary>{words.headers}</summary>
          <dl class="facts">
            {of.headers.map(([name, value], at) => (
              <>
                <dt key={at}>
                  <Told text={name} />
                </dt>
                <dd>
                  <Told text={value} />
                </dd>
              </>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}
