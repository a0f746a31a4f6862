// The places about keys: the list, a new one, one of them, and the secret that is shown once.

import { place } from "../../places";
import { KeyList } from "./list";
import { NewKey } from "./new";
import { OneKey } from "./one";
import { issued, SecretScreen } from "./secret";

export function Keys() {
  const [, which] = place.value.parts;
  if (!which) return <KeyList />;
  if (which === "new") return <NewKey />;
  const id = Number(which);
  const fresh = issued.value;
  if (fresh?.key.id === id) return <SecretScreen key={fresh.secret} fresh={fresh} />;
  return <OneKey key={id} id={id} />;
}
