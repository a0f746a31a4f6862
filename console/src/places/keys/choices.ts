// Names of departments, agents and people that keys refer to.

import { useState } from "preact/hooks";

import { rowsOrNone } from "../../api";
import { me } from "../../key";
import { useLoaded } from "../../loading";
import type { Choices } from "./bounds";
import { namesOf } from "./facts";

/** Names of people found so far, cached for the lifetime of the page. */
const people = new Map<number, string>();

export function useChoices(): Choices {
  const [, again] = useState(0);
  const { data } = useLoaded(
    (signal) => Promise.all([rowsOrNone("departments", signal), rowsOrNone("agents", signal)]),
    [],
  );
  const [read, agents] = data ?? [[], []];
  // A key that may not read the catalogue still gets the departments to which it is limited.
  const own = me.value?.key.departments ?? [];
  const departments = read.length > 0 ? read : own.map((id) => ({ id, name: `#${id}` }));
  return {
    departments,
    agents,
    names: namesOf(departments, agents, people),
    found: (id, name) => {
      people.set(id, name);
      again((count) => count + 1);
    },
  };
}
