const { default: Sequencer } = require("@jest/test-sequencer");

/** Files that take minutes, the longest first. */
const LONG = [/crash.image-export\.test/, /engine.native.programs/, /crash/, /engine/, /faults/];

/** In a fresh clone jest knows no durations and starts with the largest files, but the files of the crash sweep are small. */
module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONG.findIndex((long) => long.test(path));
      return at < 0 ? LONG.length : at;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
