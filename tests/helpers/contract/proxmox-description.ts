import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** One parameter in Proxmox's official API description. */
export interface DescribedParameter {
  readonly optional: boolean;
  readonly type: "string" | "number" | "boolean" | "other";
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

/** One endpoint in Proxmox's official API description. */
export interface DescribedEndpoint {
  readonly parameters: Readonly<Record<string, DescribedParameter>>;
  /** Who may call it; nothing means root only. */
  readonly permissions?: { readonly user?: string; readonly check?: unknown };
}

/**
 * Reads the description from the typings of the npm package `proxmox-api`, which are generated from Proxmox's own
 * `apidoc.js`. Keys are as in `GET /nodes/{node}/qemu`.
 */
export function officialDescription(): ReadonlyMap<string, DescribedEndpoint> {
  const file = join(dirname(require.resolve("proxmox-api")), "..", "esm", "model.d.ts");
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const aliases = new Map<string, ts.TypeAliasDeclaration>();
  const roots: ts.InterfaceDeclaration[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isTypeAliasDeclaration(node)) aliases.set(node.name.text, node);
    if (ts.isInterfaceDeclaration(node) && node.name.text === "Api") roots.push(node);
    ts.forEachChild(node, collect);
  };
  collect(source);
  const endpoints = new Map<string, DescribedEndpoint>();
  for (const root of roots) walk(root.members, "", aliases, endpoints);
  return endpoints;
}

type Aliases = ReadonlyMap<string, ts.TypeAliasDeclaration>;

function walk(
  members: Iterable<ts.TypeElement>,
  path: string,
  aliases: Aliases,
  found: Map<string, DescribedEndpoint>,
): void {
  for (const member of members) {
    const name =
      member.name && (ts.isIdentifier(member.name) || ts.isStringLiteral(member.name)) ? member.name.text : "";
    if (ts.isPropertySignature(member) && member.type && ts.isTypeLiteralNode(member.type))
      walk(member.type.members, `${path}/${name}`, aliases, found);
    if (!ts.isMethodSignature(member)) continue;
    const [parameter] = member.parameters;
    if (/^\$(get|post|put|delete)$/.test(name)) {
      const permissions = tags(member).get("permissions");
      found.set(`${name.slice(1).toUpperCase()} ${path}`, {
        parameters: parameter?.type && ts.isTypeLiteralNode(parameter.type) ? describeAll(parameter.type, aliases) : {},
        ...(permissions === undefined
          ? {}
          : { permissions: JSON.parse(permissions) as { user?: string; check?: unknown } }),
      });
    } else if (name === "$" && member.type && ts.isTypeLiteralNode(member.type) && parameter)
      walk(member.type.members, `${path}/{${parameter.name.getText()}}`, aliases, found);
  }
}

function describeAll(type: ts.TypeLiteralNode, aliases: Aliases): Record<string, DescribedParameter> {
  const signatures = type.members.filter(ts.isPropertySignature);
  return Object.fromEntries(
    signatures.flatMap((each) =>
      each.type && (ts.isIdentifier(each.name) || ts.isStringLiteral(each.name))
        ? [[each.name.text, { optional: each.questionToken !== undefined, ...describe(each.type, aliases) }]]
        : [],
    ),
  );
}

function describe(type: ts.TypeNode, aliases: Aliases): Omit<DescribedParameter, "optional"> {
  const alias = aliases.get(type.getText());
  if (alias) {
    const limits = tags(alias);
    const limit = (name: string): object => (limits.has(name) ? { [name]: Number(limits.get(name)) } : {});
    return { ...describe(alias.type, aliases), ...limit("minimum"), ...limit("maximum"), ...limit("maxLength") };
  }
  const words = ts.isUnionTypeNode(type) ? type.types : [type];
  const literals = words.flatMap((each) =>
    ts.isLiteralTypeNode(each) && ts.isStringLiteral(each.literal) ? [each.literal.text] : [],
  );
  if (literals.length === words.length) return { type: "string", enum: literals };
  const text = type.getText();
  return { type: text === "string" || text === "number" || text === "boolean" ? text : "other" };
}

function tags(node: ts.Node): ReadonlyMap<string, string> {
  return new Map(ts.getJSDocTags(node).map((tag) => [tag.tagName.text, ts.getTextOfJSDocComment(tag.comment) ?? ""]));
}
