import { endpoints } from "../../../../lab/proxmox/endpoints";
import type { Check } from "../../../../lab/proxmox/endpoints/endpoint";
import { handlers } from "../../../../lab/proxmox/handlers";
import { propertyOf, type Property } from "../../../../lab/proxmox/schema";
import {
  officialDescription,
  type DescribedEndpoint,
  type DescribedParameter,
} from "../../../helpers/contract/proxmox-description";

/** The description is of Proxmox VE 8; these came with 8.3 to 9.1. */
const newer: Readonly<Record<string, readonly string[]>> = {
  "POST /nodes/{node}/qemu": ["import-working-storage", "amd-sev", "virtiofs[n]"],
  "POST /nodes/{node}/qemu/{vmid}/config": ["amd-sev", "virtiofs[n]"],
  "PUT /nodes/{node}/qemu/{vmid}/config": ["amd-sev", "virtiofs[n]"],
  "POST /cluster/backup": ["fleecing", "notification-mode", "pbs-change-detection-mode"],
  "PUT /cluster/backup/{id}": ["fleecing", "notification-mode", "pbs-change-detection-mode"],
  "POST /access/domains": ["audiences", "groups-autocreate", "groups-claim", "groups-overwrite", "query-userinfo"],
  "PUT /access/domains/{realm}": [
    "audiences",
    "groups-autocreate",
    "groups-claim",
    "groups-overwrite",
    "query-userinfo",
  ],
  "POST /cluster/ha/resources": ["failback"],
  "PUT /cluster/ha/resources/{sid}": ["failback"],
};

/** Values of an enumeration that came after the description. */
const newerValues = ["import", "opentelemetry"];

/** Endpoints whose rights Proxmox 9 words differently, or which the stand-in checks in a shorter way. */
const otherRights: Readonly<Record<string, string>> = {
  "GET /cluster/options": "everybody may read some options; the description names both ways at once",
  "GET /nodes/{node}/query-url-metadata": "9 also accepts Sys.AccessNetwork on the node",
  "POST /nodes/{node}/storage/{storage}/download-url": "9 also accepts Sys.AccessNetwork on the node",
  "POST /nodes/{node}/qemu/{vmid}/agent/ping": "9 has VM.GuestAgent.Audit instead of VM.Monitor",
  "GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces": "9 has VM.GuestAgent.Audit instead of VM.Monitor",
  "PUT /access/password": "users of the lab have no passwords of their own to change",
};

const described = officialDescription();

const find = (name: string): DescribedEndpoint => {
  const found = described.get(name);
  if (!found) throw new Error(`the description has no '${name}'`);
  return found;
};

/** `net[n]` stands for net0 and so on; the description names only the first few of them. */
const first = (name: string): string => name.replace("[n]", "0");

const typeOf = ({ type }: Property): string => (type === "integer" ? "number" : type);

function differences(name: string, ours: Property, theirs: DescribedParameter): string[] {
  const wrong: string[] = [];
  if (theirs.type !== "other" && typeOf(ours) !== theirs.type)
    wrong.push(`${name}: ${typeOf(ours)}, not ${theirs.type}`);
  if ((ours.optional ?? false) !== theirs.optional) wrong.push(`${name}: optional is ${String(theirs.optional)}`);
  for (const limit of ["minimum", "maximum", "maxLength"] as const)
    if (ours[limit] !== undefined && theirs[limit] !== undefined && ours[limit] !== theirs[limit])
      wrong.push(`${name}: ${limit} is ${theirs[limit]}, not ${ours[limit]}`);
  if (ours.enum && theirs.enum) {
    const known = ours.enum.filter((value) => !newerValues.includes(value));
    if ([...known].sort().join() !== [...theirs.enum].sort().join())
      wrong.push(`${name}: one of ${theirs.enum.join()}`);
  }
  return wrong;
}

/** Our check in the words of the description. */
function inTheirWords(check: Check): unknown {
  switch (check.kind) {
    case "perm":
      return ["perm", check.path, [...check.privileges], ...(check.any ? ["any", 1] : [])];
    case "perm-modify":
      return ["perm-modify", "{path}"];
    case "realm":
      return ["userid-param", check.privilege];
    case "and":
    case "or":
      return [check.kind, ...check.checks.map(inTheirWords)];
    default:
      return undefined;
  }
}

/** Rights on users depend on their groups; the stand-in checks them on all groups, `/access/groups`. */
function onAllGroups(check: unknown): unknown {
  if (!Array.isArray(check)) return check;
  const [word, ...rest] = check as unknown[];
  if (word === "userid-group") {
    const privileges = rest[0] as string[];
    return ["perm", "/access/groups", privileges, ...(privileges.length > 1 ? ["any", 1] : [])];
  }
  if (word === "or" && Array.isArray(rest[0]) && rest[0][0] === "userid-param") return onAllGroups(rest[1]);
  return word === "and" || word === "or" ? [word, ...rest.map(onAllGroups)] : check;
}

describe("the Proxmox stand-in keeps to Proxmox's official API description", () => {
  test.each(Object.keys(endpoints))("%s exists, with the same parameters", (name) => {
    const theirs = find(name).parameters;
    const ours = Object.entries(endpoints[name]?.parameters ?? {}).filter(([each]) => !newer[name]?.includes(each));
    const wrong = ours.flatMap(([parameter, property]) => {
      const known = theirs[first(parameter)];
      return known ? differences(parameter, property, known) : [`${parameter}: not in the description`];
    });
    expect(wrong).toEqual([]);
    const names = ours.map(([parameter]) => parameter);
    const required = Object.keys(theirs).filter((each) => !theirs[each]?.optional);
    expect(names).toEqual(expect.arrayContaining(required));
  });

  test.each(Object.keys(endpoints).filter((name) => !(name in otherRights)))("%s asks for the same rights", (name) => {
    const { permissions } = find(name);
    const check = endpoints[name]?.check;
    if (permissions?.check !== undefined) expect(inTheirWords(check as Check)).toEqual(onAllGroups(permissions.check));
    else expect(check?.kind).toBe(permissions === undefined ? "root" : permissions.user);
  });

  test("every endpoint is answered, and nothing else", () => {
    expect(Object.keys(handlers).sort()).toEqual(Object.keys(endpoints).sort());
  });

  test("the lists of what is newer name nothing that the description knows", () => {
    const known = Object.entries(newer).flatMap(([name, parameters]) =>
      parameters.filter((each) => first(each) in find(name).parameters).map((each) => `${name} ${each}`),
    );
    expect(known).toEqual([]);
  });

  test("a guest's options are all known to the stand-in", () => {
    const ours = endpoints["POST /nodes/{node}/qemu"]?.parameters ?? {};
    const family = (name: string): string => name.replace(/\d+$/, "0");
    const missing = Object.keys(find("POST /nodes/{node}/qemu").parameters).filter(
      (each) => !propertyOf(ours, each) && !propertyOf(ours, family(each)),
    );
    expect(missing).toEqual([]);
  });
});
