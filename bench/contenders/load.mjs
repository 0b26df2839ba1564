// How long a module takes to load, in ms: load.mjs SPECIFIER. It is loaded once, so each answer needs a new process.
globalThis.navigator ??= {};
const start = performance.now();
await import(process.argv[2]);
const took = performance.now() - start;
console.log('ready');
process.stdin.once('data', () => {
  console.log(String(took));
});
