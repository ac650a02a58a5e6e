import { connect, type Socket } from "node:net";

type Reply = string | number | null | Reply[];

/** Sends commands to Redis or Valkey, one after the other, on a connection of their own. The URL is as Harbor has it. */
export async function redis(url: string, ...commands: string[][]): Promise<Reply[]> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const login = password ? [["AUTH", ...(username ? [username] : []), password]] : [];
  const database = pathname.length > 1 ? [["SELECT", pathname.slice(1)]] : [];
  const socket = connect({ host: hostname, port: Number(port || 6379) });
  socket.setTimeout(3000, () => socket.destroy(new Error(`${hostname} does not answer`)));
  const all = [...login, ...database, ...commands];
  socket.write(all.map(encoded).join(""));
  try {
    const replies = await read(socket, all.length);
    return replies.slice(-commands.length);
  } finally {
    socket.destroy();
  }
}

/** Deletes the keys that fit the patterns. */
export async function deleteKeys(url: string, ...patterns: string[]): Promise<void> {
  for (const pattern of patterns) {
    let cursor = "0";
    do {
      const [reply] = await redis(url, ["SCAN", cursor, "MATCH", pattern, "COUNT", "1000"]);
      const [next, keys] = reply as [string, string[]];
      if (keys.length > 0) await redis(url, ["DEL", ...keys]);
      cursor = next;
    } while (cursor !== "0");
  }
}

const encoded = (words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;

async function read(socket: Socket, count: number): Promise<Reply[]> {
  let text = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    text += chunk.toString("latin1");
    const replies = parse(text, count);
    if (replies) return replies;
  }
  throw new Error("the connection was closed before the answer");
}

/** The replies, once all of them are there. */
function parse(text: string, count: number): Reply[] | undefined {
  let at = 0;
  const line = (): string | undefined => {
    const end = text.indexOf("\r\n", at);
    const found = end < 0 ? undefined : text.slice(at, end);
    at = end + 2;
    return found;
  };
  const next = (): Reply | undefined => {
    const head = line();
    if (head === undefined) return undefined;
    const rest = head.slice(1);
    if (head.startsWith("-")) throw new Error(rest);
    if (head.startsWith(":")) return Number(rest);
    if (head.startsWith("*")) return several(Number(rest));
    if (!head.startsWith("$")) return rest;
    if (rest === "-1") return null;
    at += Number(rest) + 2;
    return at > text.length ? undefined : text.slice(at - 2 - Number(rest), at - 2);
  };
  const several = (length: number): Reply[] | undefined => {
    const replies: Reply[] = [];
    while (replies.length < length) {
      const reply = next();
      if (reply === undefined) return undefined;
      replies.push(reply);
    }
    return replies;
  };
  return several(count);
}
