const step = 'as in step 6 of the README, "Config, state and secrets"';
const passphrase = 'export PULUMI_CONFIG_PASSPHRASE_FILE="$HOME/.config/homelab/passphrase"';
const backend = 'export PULUMI_BACKEND_URL="file://$HOME/homelab-state"';

/** What Pulumi says (3.259: `backenderr`, `passphrase/manager.go`, `diy`) where the shell has not what it needs. */
const causes: readonly (readonly [said: RegExp, remedy: string])[] = [
  [
    /PULUMI_ACCESS_TOKEN must be set for login/,
    `PULUMI_BACKEND_URL is not set in this shell, so that Pulumi does not know where the state is. Set it ${step}: ${backend}`,
  ],
  [
    /unable to open (state directory|bucket)/,
    `PULUMI_BACKEND_URL leads nowhere. A folder has to be made first, ${step}: mkdir -p -m 700 ~/homelab-state`,
  ],
  [
    /no stack named '/,
    "Where PULUMI_BACKEND_URL leads there is no such stack: is it the place of its state? " +
      "A new stack is made by: npm run pulumi -- stack init homelab",
  ],
  [
    /passphrase must be set with/,
    `PULUMI_CONFIG_PASSPHRASE_FILE is not set in this shell, so that nothing can be decrypted. Set it ${step}: ${passphrase}`,
  ],
  [
    /unable to read PULUMI_CONFIG_PASSPHRASE_FILE/,
    `PULUMI_CONFIG_PASSPHRASE_FILE names a file that cannot be read. Make it ${step}, or name the one that there is: ${passphrase}`,
  ],
  [
    /incorrect passphrase/,
    "This is not the passphrase that the stack was made with. PULUMI_CONFIG_PASSPHRASE_FILE must name the file with that one, " +
      "and PULUMI_CONFIG_PASSPHRASE, which counts before it, must not be set to another.",
  ],
];

/** Which setting of the shell is missing or wrong by what Pulumi said, and what to do; `undefined` where it is none. */
export function shellRemedy(said: string): string | undefined {
  return causes.find(([pattern]) => pattern.test(said))?.[1];
}
