import type { AuthentikObjects } from "../../../lab/authentik/objects";
import type { Row } from "../../../lab/kit/rows";

/** One type of object: what it is made with, changed to, replaced by, and what somebody does to it by hand. */
export interface Life {
  args: object;
  /** Absent where nothing can be changed in place. */
  change?: object;
  /** Absent where nothing replaces it. */
  replace?: object;
  /** The row of `args`; `undefined` where it is gone. Absent where it is no row of its own. */
  row?: (objects: AuthentikObjects) => Row | undefined;
  /** What somebody writes into the row. Absent where it can only be removed. */
  drift?: Row;
  /** All there are of it. Absent where there is always one. */
  list?: (objects: AuthentikObjects) => unknown[];
  /** Removes it by hand, where that is not taking the row from the list. */
  remove?: (objects: AuthentikObjects) => void;
  id: string;
  /** Whether Authentik keeps some of it to itself: what is only read is written once. */
  isSecretive?: boolean;
}

/** An object that has its name in a field of its row, and the name as its id. */
export const named = (table: Parameters<AuthentikObjects["by"]>[0], name: string, field = "name") => ({
  row: (objects: AuthentikObjects): Row | undefined => objects.by(table, field, name),
  list: (objects: AuthentikObjects): Row[] => objects[table],
  id: name,
});
