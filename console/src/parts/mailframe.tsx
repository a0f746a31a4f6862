// HTML that somebody has written, in a frame that can do nothing. The desk has cleaned it; this is
// the only place where text becomes markup, by the page's one Trusted Types policy.

import { useEffect, useRef } from "preact/hooks";

import { theme } from "../theme";

interface Policy {
  createHTML: (text: string) => string;
}

const factory = (
  globalThis as { trustedTypes?: { createPolicy: (name: string, rules: Policy) => Policy } }
).trustedTypes;

const policy: Policy = factory?.createPolicy("desk", { createHTML: (text) => text }) ?? {
  createHTML: (text) => text,
};

const sheet = document.querySelector<HTMLLinkElement>("link[rel=stylesheet]")?.href ?? "";

/** Nothing in a frame runs: neither of these allows scripts. */
const SEALED = "";
const READABLE = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";

export function MailFrame(props: {
  title: string;
  html: string;
  /** Of a fixed height, and without links: for mail that nobody has let in yet. */
  sealed?: boolean;
}) {
  const box = useRef<HTMLIFrameElement>(null);
  const { html, sealed = false } = props;
  useEffect(() => {
    const frame = box.current;
    if (!frame) return undefined;
    const watch = new ResizeObserver(() => fit(frame));
    const onLoad = (): void => {
      const inside = frame.contentDocument;
      frame.dataset["there"] = "";
      if (sealed || !inside) return;
      for (const link of inside.querySelectorAll<HTMLAnchorElement>("a[href]")) {
        link.target = "_blank";
        link.rel = "noreferrer noopener";
      }
      fit(frame);
      watch.observe(inside.body);
    };
    frame.addEventListener("load", onLoad);
    const style = sealed ? "" : `<link rel="stylesheet" href="${sheet}">`;
    frame.srcdoc = policy.createHTML(
      `<!doctype html><html data-theme="${theme.value}"><meta charset="utf-8">${style}<body class="mail">${html}</body>`,
    );
    return () => {
      frame.removeEventListener("load", onLoad);
      watch.disconnect();
    };
  }, [html, sealed]);
  return (
    <iframe
      ref={box}
      class={`mailframe ${sealed ? "sealed" : "coming"}`}
      title={props.title}
      sandbox={sealed ? SEALED : READABLE}
      referrerpolicy="no-referrer"
      height={sealed ? 420 : 60}
    />
  );
}

function fit(frame: HTMLIFrameElement): void {
  frame.classList.remove("coming");
  const height = frame.contentDocument?.body.scrollHeight;
  if (height) frame.height = String(height + 1);
}
