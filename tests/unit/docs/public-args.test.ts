import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";

import { projectRoot } from "../../../tools/versions";

const isPublic = (node: ts.Node): node is ts.InterfaceDeclaration =>
  ts.isInterfaceDeclaration(node) &&
  /(Args|Values|Connection)$/.test(node.name.text) &&
  (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

const isDocumented = (member: ts.TypeElement): boolean =>
  ts.getJSDocCommentsAndTags(member).some(({ comment }) => Boolean(ts.getTextOfJSDocComment(comment)));

/** The fields of a file's public arguments, as `Interface.field`, and whether each has a doc comment. */
function publicFields(text: string): { field: string; documented: boolean }[] {
  const source = ts.createSourceFile("source.ts", text, ts.ScriptTarget.Latest, true);
  return source.statements.filter(isPublic).flatMap(({ name, members }) =>
    members.map((member) => ({
      field: `${name.text}.${member.name?.getText() ?? member.getText()}`,
      documented: isDocumented(member),
    })),
  );
}

test.each(["components", "providers"])("every field of public arguments in %s has a doc comment", (folder) => {
  const fields = readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => {
      const text = readFileSync(join(projectRoot, folder, path), "utf8");
      return publicFields(text).map((each) => ({ ...each, field: `${folder}/${path}: ${each.field}` }));
    });
  expect(fields).not.toEqual([]);
  expect(fields.filter(({ documented }) => !documented).map(({ field }) => field)).toEqual([]);
});

test("public arguments are the exported interfaces that are named so, and a comment without words documents nothing", () => {
  const text = `
    export interface DoorArgs {
      /** Metres. */
      height: number;
      // Metres.
      width: number;
      /** */
      readonly depth?: number;
    }
    interface HiddenArgs { width: number }
    export interface Door { width: number }`;
  expect(publicFields(text)).toEqual([
    { field: "DoorArgs.height", documented: true },
    { field: "DoorArgs.width", documented: false },
    { field: "DoorArgs.depth", documented: false },
  ]);
});
