import { rmSync, writeFileSync } from "node:fs";
import { contentOf, datastore, datastores, datastoreSize, nodePath, volumeFile, type Datastore } from "../datastores";
import { failure, parameterErrors } from "../errors";
import { mayUseVolume, requireVolume } from "../storage-rights";
import { change, inPath, startTask, type Call, type Handlers } from "../lab";
import { download, fetchMetadata, wrongChecksum, type Checksum } from "./download";

/** Datastores and the files on them. */
export const storageHandlers: Handlers = {
  "GET /storage": (call) => visible(call).map(describe),
  "GET /storage/{storage}": (call) => describe(datastore(inPath(call, "storage"))),
  "GET /nodes/{node}/storage": (call) => {
    const content = call.values.list("content");
    return visible(call)
      .filter((store) => content.every((each) => store.content.includes(each)))
      .filter((store) => store.storage === (call.values.find("storage") ?? store.storage))
      .map((store) => ({ storage: store.storage, ...status(call, store) }));
  },
  "GET /nodes/{node}/storage/{storage}/status": (call) => status(call, datastore(inPath(call, "storage"))),
  "GET /nodes/{node}/storage/{storage}/content": (call) => {
    const { options, store } = call.lab;
    const [content, vmid] = [call.values.find("content"), call.values.find("vmid")];
    return contentOf(options.storageRoot, store.state, inPath(call, "storage")).filter(
      (each) =>
        (content ?? each.content) === each.content &&
        (vmid ?? String(each.vmid)) === String(each.vmid) &&
        mayUseVolume(call, each.volid),
    );
  },
  "GET /nodes/{node}/storage/{storage}/content/{volume}": readVolume,
  "DELETE /nodes/{node}/storage/{storage}/content/{volume}": deleteVolume,
  "POST /nodes/{node}/storage/{storage}/download-url": downloadUrl,
  "POST /nodes/{node}/storage/{storage}/upload": upload,
  "GET /nodes/{node}/query-url-metadata": (call) => fetchMetadata(call.values.text("url")),
};

function visible(call: Call): Datastore[] {
  const may = (store: Datastore): boolean =>
    ["Datastore.Audit", "Datastore.AllocateSpace"].some((each) =>
      call.lab.access.has(call.caller, `/storage/${store.storage}`, each),
    );
  return datastores.filter(may);
}

function describe({ storage, type, content, path }: Datastore) {
  const details = type === "dir" ? { path } : { vgname: "pve", thinpool: "data" };
  return { storage, type, content: content.join(","), ...details };
}

function status(call: Call, store: Datastore) {
  const files = contentOf(call.lab.options.storageRoot, call.lab.store.state, store.storage);
  const used = files.reduce((sum, { size }) => sum + size, 0);
  return {
    type: store.type,
    content: store.content.join(","),
    active: 1,
    enabled: 1,
    shared: 0,
    total: datastoreSize,
    used,
    avail: datastoreSize - used,
    used_fraction: used / datastoreSize,
  };
}

/** The volume in the path, which may be given with or without its datastore. */
function volumeOf(call: Call): string {
  const [storage, volume] = [inPath(call, "storage"), inPath(call, "volume")];
  return volume.includes(":") ? volume : `${storage}:${volume}`;
}

function readVolume(call: Call) {
  const volid = volumeOf(call);
  requireVolume(call, volid);
  const { options, store } = call.lab;
  const found = contentOf(options.storageRoot, store.state, inPath(call, "storage")).find(
    (each) => each.volid === volid,
  );
  if (!found) throw failure(`volume '${volid}' does not exist`);
  const path = found.content === "images" ? `/dev/pve/${volid.split(":")[1]}` : nodePath(volid);
  return { path, format: found.format, size: found.size, used: found.size };
}

function deleteVolume(call: Call): string | null {
  const volid = volumeOf(call);
  const { access, options, store } = call.lab;
  const storage = inPath(call, "storage");
  access.require(call.caller, `/storage/${storage}`, "Datastore.Allocate");
  datastore(storage);
  const disk = store.state.volumes[volid];
  if (disk && store.state.guests[String(disk.vmid)])
    throw failure(`can't remove volume '${volid}' - it is used by VM ${disk.vmid}`);
  return startTask(call, "imgdel", `${storage}`, async () => {
    if (disk) change(call.lab, () => delete store.state.volumes[volid]);
    else rmSync(volumeFile(options.storageRoot, volid), { force: true });
  });
}

const extensions: Readonly<Record<string, RegExp>> = {
  iso: /\.(iso|img)$/i,
  vztmpl: /\.tar\.(gz|xz|zst)$/i,
  import: /\.(ova|ovf|qcow2|raw|vmdk)$/i,
};

/** The file that a new volume is written to. */
function target(call: Call): { volid: string; file: string; name: string } {
  const [storage, content, name] = [inPath(call, "storage"), call.values.text("content"), call.values.text("filename")];
  if (!datastore(storage).content.includes(content))
    throw failure(`storage '${storage}' is not configured for content-type '${content}'`);
  const safe = /^[A-Za-z0-9][\w.+=-]*$/.test(name);
  if (content === "import" && !(safe && extensions[content]?.test(name)))
    throw parameterErrors({ filename: "invalid filename or wrong extension" });
  if (!safe || !extensions[content]?.test(name)) throw parameterErrors({ filename: "wrong file extension" });
  const volid = `${storage}:${content}/${name}`;
  return { volid, file: volumeFile(call.lab.options.storageRoot, volid), name };
}

function checksumOf(call: Call): Checksum | undefined {
  const [value, algorithm] = [call.values.find("checksum"), call.values.find("checksum-algorithm")];
  const missing = (property: string) => `missing property - '${property}' requires this property`;
  if (value !== undefined && algorithm === undefined)
    throw parameterErrors({ "checksum-algorithm": missing("checksum") });
  if (algorithm !== undefined && value === undefined)
    throw parameterErrors({ checksum: missing("checksum-algorithm") });
  return value === undefined || algorithm === undefined ? undefined : { value, algorithm };
}

function downloadUrl(call: Call): string {
  const { file, name, volid } = target(call);
  const [url, checksum] = [call.values.text("url"), checksumOf(call)];
  return startTask(call, "download", name, (log) =>
    download({ url, file, path: nodePath(volid), ...(checksum ? { checksum } : {}) }, log),
  );
}

function upload(call: Call): string {
  const { file } = target(call);
  const checksum = checksumOf(call);
  const content = call.upload?.content;
  if (content === undefined) throw parameterErrors({ filename: "the request holds no file" });
  return startTask(call, "imgcopy", "", async () => {
    const wrong = checksum === undefined ? undefined : wrongChecksum(content, checksum);
    if (wrong !== undefined) throw new Error(wrong);
    writeFileSync(file, content, { mode: 0o644 });
  });
}
