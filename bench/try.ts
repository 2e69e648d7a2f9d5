import { tableOf } from "./line";
const [file, ...names] = process.argv.slice(2);
void (async () => {
  const module = require(file!);
  for (const name of names) {
    const t = performance.now();
    console.log(tableOf(await module[name]()));
    console.log(name, Math.round(performance.now() - t), "ms");
  }
})();
