import { types } from "../../policies/types";
import { judge, urnOf } from "../helpers/policy/harness";

const made = Object.values(types)
  .flat()
  .filter((type) => /^(command|docker|proxmoxve|random|tls|pulumi-nodejs):.*:/.test(type));
const provider = urnOf("pulumi:providers:any", "default");

test("there are types of every provider among them", () => {
  expect([...new Set(made.map((type) => type.split(":")[0]))].sort()).toEqual([
    ...["command", "docker", "proxmoxve", "pulumi-nodejs", "random", "tls"],
  ]);
});

test.each(made)("%s: one that --target leaves out, and the state has not yet, violates nothing", async (type) => {
  const nothing = await judge([]);
  const without = "known-types"; // some are there to be refused
  expect(await judge([{ type, name: "x", provider, inputs: {} }], {}, { without })).toEqual(nothing);
});

test("what has no provider, or inputs, is judged", async () => {
  const judged = async (more: object) => (await judge([{ type: types.hostFile, name: "x", ...more }])).violations;
  expect(await judged({ inputs: {} })).not.toEqual([]);
  expect(await judged({ provider, inputs: { mode: "0644" } })).not.toEqual([]);
});

test("a type that nobody knows is refused whatever its inputs are", async () => {
  const type = "docker:index/plugin:Plugin";
  const { violations } = await judge([{ type, name: "x", provider, inputs: {} }], {}, { only: "known-types" });
  expect(violations.map(({ message }) => message)).toEqual([
    `no policy was written for the type ${type}; use one of this project's, or put it into this policy's \`allowedTypes\` once ` +
      "you know what it can do",
  ]);
});
