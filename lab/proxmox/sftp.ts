import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
  type Stats,
} from "node:fs";
import { utils, type SFTPWrapper } from "ssh2";
import { fileOnNode } from "./datastores";

const { OPEN_MODE, STATUS_CODE } = utils.sftp;

/** Serves the files of the datastore; every other path is refused. */
export function serveSftp(sftp: SFTPWrapper, root: string): void {
  const open = new Set<number>();
  /** Answers a request, or says why it cannot be. */
  const attempt = (id: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      sftp.status(id, missing ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE, String(error));
    }
  };
  const onFile = (id: number, path: string, work: (file: string) => void): void => {
    const file = fileOnNode(root, path);
    if (file === undefined) sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
    else attempt(id, () => work(file));
  };
  const onHandle = (id: number, handle: Buffer, work: (descriptor: number) => void): void => {
    const descriptor = handle.length === 4 ? handle.readUInt32BE(0) : -1;
    if (open.has(descriptor)) attempt(id, () => work(descriptor));
    else sftp.status(id, STATUS_CODE.FAILURE, "invalid handle");
  };
  const ok = (id: number): void => void sftp.status(id, STATUS_CODE.OK);

  sftp.on("OPEN", (id, path, flags) =>
    onFile(id, path, (file) => {
      const descriptor = openSync(file, nodeFlags(flags), 0o644);
      open.add(descriptor);
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(descriptor);
      sftp.handle(id, handle);
    }),
  );
  sftp.on("READ", (id, handle, offset, length) =>
    onHandle(id, handle, (descriptor) => {
      const buffer = Buffer.alloc(length);
      const count = readSync(descriptor, buffer, 0, length, offset);
      if (count === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, count));
    }),
  );
  sftp.on("WRITE", (id, handle, offset, data) =>
    onHandle(id, handle, (descriptor) => {
      writeSync(descriptor, data, 0, data.length, offset);
      ok(id);
    }),
  );
  sftp.on("FSTAT", (id, handle) =>
    onHandle(id, handle, (descriptor) => sftp.attrs(id, attributes(fstatSync(descriptor)))),
  );
  sftp.on("FSETSTAT", (id, handle, { mode }) =>
    onHandle(id, handle, (descriptor) => {
      if (mode !== undefined) fchmodSync(descriptor, mode & 0o777);
      ok(id);
    }),
  );
  sftp.on("CLOSE", (id, handle) =>
    onHandle(id, handle, (descriptor) => {
      closeSync(descriptor);
      open.delete(descriptor);
      ok(id);
    }),
  );
  const stat = (id: number, path: string): void =>
    onFile(id, path, (file) => sftp.attrs(id, attributes(statSync(file))));
  sftp.on("STAT", stat);
  sftp.on("LSTAT", stat);
  sftp.on("SETSTAT", (id, path, { mode }) =>
    onFile(id, path, (file) => {
      if (mode !== undefined) chmodSync(file, mode & 0o777);
      ok(id);
    }),
  );
  sftp.on("MKDIR", (id, path) =>
    onFile(id, path, (file) => {
      mkdirSync(file, { recursive: true });
      ok(id);
    }),
  );
  sftp.on(
    "REALPATH",
    (id, path) => void sftp.name(id, [{ filename: path, longname: path, attrs: attributes(statSync(root)) }]),
  );
  // Without this answer to the end of the client's side the provider waits for minutes.
  sftp.on("end", () => {
    for (const descriptor of open) closeSync(descriptor);
    open.clear();
    sftp.end();
  });
}

function nodeFlags(flags: number): number {
  const read = (flags & OPEN_MODE.READ) !== 0;
  const write = (flags & OPEN_MODE.WRITE) !== 0;
  return (
    (read && write ? constants.O_RDWR : write ? constants.O_WRONLY : constants.O_RDONLY) |
    constants.O_NOFOLLOW |
    (flags & OPEN_MODE.APPEND ? constants.O_APPEND : 0) |
    (flags & OPEN_MODE.CREAT ? constants.O_CREAT : 0) |
    (flags & OPEN_MODE.TRUNC ? constants.O_TRUNC : 0) |
    (flags & OPEN_MODE.EXCL ? constants.O_EXCL : 0)
  );
}

function attributes({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats) {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}
