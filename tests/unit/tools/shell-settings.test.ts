import { shellRemedy } from "../../../tools/shell-settings";
import { knownState, quietly, reportShell } from "../../../tools/stack";

/** Pulumi's own words, as its 3.259 says them. */
const said: [string, string, RegExp][] = [
  [
    "no place of the state",
    "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
    /^PULUMI_BACKEND_URL is not set in this shell.* export PULUMI_BACKEND_URL="file:/,
  ],
  [
    "a place that is not there",
    'error: unable to open state directory "file:///root/homelab-state": stat /root/homelab-state: no such file or directory',
    /^PULUMI_BACKEND_URL leads nowhere.* mkdir -p -m 700 /,
  ],
  ["another place", "error: no stack named 'homelab' found", /^Where PULUMI_BACKEND_URL leads .* stack init homelab$/],
  [
    "no passphrase",
    "error: get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    /^PULUMI_CONFIG_PASSPHRASE_FILE is not set in this shell.* export PULUMI_CONFIG_PASSPHRASE_FILE=/,
  ],
  [
    "a file that is not there",
    "error: unable to read PULUMI_CONFIG_PASSPHRASE_FILE: open /root/passphrase: no such file or directory",
    /^PULUMI_CONFIG_PASSPHRASE_FILE names a file that cannot be read/,
  ],
  [
    "another passphrase",
    "error: failed to decrypt: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase",
    /^This is not the passphrase that the stack was made with/,
  ],
];

/** Pulumi, which says something and fails. */
const failing = (words: string) => ({ pulumi: "sh", env: { WORDS: words } });
const line = ["-c", 'echo "$WORDS" >&2; exit 255'];

describe.each(said)("a shell with %s", (_, words, remedy) => {
  it("is told which setting it is, and what to do", async () => {
    expect(shellRemedy(words)).toMatch(remedy);
    await expect(quietly(failing(words))(line)).rejects.toThrow(remedy);
  });

  it("is told so after a run on the terminal, too", async () => {
    const told: string[] = [];
    await reportShell(
      () => quietly(failing(words))(line),
      (text) => told.push(text.trim()),
    );
    expect(told).toEqual([expect.stringMatching(remedy)]);
  });
});

it("another failure is left as it is", async () => {
  const told: string[] = [];
  const pulumi = quietly(failing("error: the plugin crashed"));
  expect(await pulumi(line)).toEqual({ code: 255, stdout: "", stderr: "error: the plugin crashed\n" });
  await reportShell(
    () => pulumi(line),
    (text) => told.push(text),
  );
  expect(told).toEqual([]);
});

it("an update goes on to tell it by itself where the state is looked at beforehand", async () => {
  const { resources } = await knownState(() => quietly(failing("error: no stack named 'x' found"))(line));
  expect(resources).toEqual([]);
});
