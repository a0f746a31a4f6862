// Names of the departments, agents and people that keys refer to.

import { useState } from "preact/hooks";

import { rowsOrNone } from "../../api";
import { me } from "../../key";
import { useLoaded } from "../../loading";
import type { Choices } from "./bounds";
import { namesOf } from "./facts";

/** Names of people who were found: they are known for as long as the page lives. */
const people = new Map<number, string>();

export function useChoices(): Choices {
  const [, again] = useState(0);
  const { data } = useLoaded(
    (signal) => Promise.all([rowsOrNone("departments", signal), rowsOrNone("agents", signal)]),
    [],
  );
  const [read, agents] = data ?? [[], []];
  // A key that may not read the catalogue still knows the departments that it is limited to.
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
