/**
 * Ends the process with one sentence on a Node that is too old. An old Node must be able to read this file and the files
 * that import it. So these keep to old syntax, and load everything else with `import()`, which comes after the check.
 */
const OLDEST = [20, 20];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(
    'workspace-ssh needs Node ' +
      OLDEST.join('.') +
      ' or newer, and this is ' +
      process.versions.node +
      ': get one at https://nodejs.org',
  );
  process.exit(1);
}
