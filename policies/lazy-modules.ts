import Module, { createRequire } from "node:module";

/**
 * Puts off loading a module of Pulumi's SDK until somebody uses it. The SDK loads TypeScript and npm's dependency resolver
 * at once, to serialize functions of dynamic providers; no policy does that, and they take two thirds of the pack's start.
 */
export function loadLazily(name: string): void {
  const load = createRequire(require.resolve("@pulumi/pulumi"));
  const file = load.resolve(name);
  const substitute = new Module(file);
  const real = (): unknown => {
    if (require.cache[file] === substitute) delete require.cache[file];
    return load(file);
  };
  substitute.exports = new Proxy(Object, {
    // Compiled imports ask for this mark before anything else; modules written in CommonJS don't have it.
    get: (_, key) => (key === "__esModule" ? undefined : Reflect.get(real() as object, key)),
    construct: (_, args: unknown[]) => Reflect.construct(real() as new () => object, args) as object,
  });
  substitute.loaded = true;
  require.cache[file] = substitute;
}
