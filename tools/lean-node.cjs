// Loaded into each Node.js that Pulumi starts: the program, the host of dynamic resources, the policy pack. Each loads
// Pulumi's SDK, and that loads what nobody here asks for. Plain Node.js, as it comes before everything else.
"use strict";
const Module = require("node:module");

// `Pulumi.yaml` says so, and the language host that is built from source is too old to hear it.
delete process.env.PULUMI_NODEJS_TYPESCRIPT;

const sdk = Module.createRequire(require.resolve("@pulumi/pulumi"));

// To serialize functions of dynamic providers, of which ours have none: two thirds of the time to start.
putOff("typescript");
putOff("@npmcli/arborist");
// It looks up each line of a stack trace in a source map, and the SDK takes traces for every promise and resource. The
// files that are named without it are there to be read, too.
substitute("source-map-support/register", {});
// It tells the engine four lines of each resource, one by one, and the engine shows them with `--debug` alone.
if (!process.env.HOMELAB_DEBUG) putOff("@pulumi/pulumi/log", (log) => (log.debug = () => Promise.resolve()));
// It notes with each resource the whole way through the program to where it was made: an eighth of the state, and nothing here
// shows it.
if (!process.env.HOMELAB_DEBUG)
  afterLoading("@pulumi/pulumi/resource", ({ Resource }) => (Resource.stackTrace = () => []));

/** Loads a module only when somebody uses it, and then changes it. */
function putOff(name, change) {
  const file = sdk.resolve(name);
  let real;
  const load = () => {
    if (real) return real;
    delete require.cache[file];
    real = sdk(file);
    change?.(real);
    return real;
  };
  const stand = new Proxy(Object, {
    // A compiled import asks for this mark at once. With it, it takes the module as it is and doesn't look what is in it.
    get: (_, key) => key === "__esModule" || Reflect.get(load(), key),
    construct: (_, args) => Reflect.construct(load(), args),
  });
  substitute(name, stand);
}

/** Changes a module once it is loaded. */
function afterLoading(name, change) {
  const file = sdk.resolve(name);
  const load = Module._extensions[".js"];
  Module._extensions[".js"] = (module, path) => {
    load(module, path);
    if (path === file) change(module.exports);
  };
}

function substitute(name, exports) {
  const file = sdk.resolve(name);
  require.cache[file] = Object.assign(new Module(file), { exports, loaded: true });
}
