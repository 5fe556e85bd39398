// The one file that must run on the Node that is already there (20.19 or newer): it installs what the lock file says, if that
// has changed, and hands over to the Node that was installed with it, which runs TypeScript as it is.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const marker = join(root, 'node_modules', '.installed-lock');
const bin = join(root, 'node_modules', '.bin');
const [script, ...rest] = process.argv.slice(2);

function giveUp(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return;
  process.stderr.write('Installing what package-lock.json names (once, about half a minute) …\n');
  // Not `npm ci`: it refuses a lock file that lacks an optional package of any other platform. Versions and checksums are
  // the lock file's all the same, and it stays as it is.
  const { status, error } = spawnSync('npm', ['install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (error) giveUp(`npm could not be started (${error.message}): install it beside Node.`);
  if (status !== 0) giveUp('npm install failed; its message is above. Is the package registry reachable?');
  writeFileSync(marker, lock);
}

/**
 * The installed Node, if it runs here. The packages hold builds for glibc, which cannot start on Alpine or NixOS; npm takes them
 * there all the same. Such a one is taken off PATH, where npm's own scripts and ours would find it first.
 */
function runtime() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const installed = join(bin, 'node');
  if (existsSync(installed)) {
    // Under `npm run` it is the one that reads this, and needs no trial.
    if (realpathSync(installed) === process.execPath) return installed;
    const { status, error } = spawnSync(installed, ['--version'], { stdio: 'ignore' });
    if (status === 0) return installed;
    // Not for a machine that is short of memory or processes just now.
    if (status !== null || error?.code === 'ENOENT') rmSync(installed);
  }
  // What keeps idle connections of HTTP open for long enough came with 24.6.
  if (major > 24 || (major === 24 && minor >= 6)) return process.execPath;
  return giveUp(
    `Node ${process.versions.node} is too old here, and no newer one that runs on this platform could be installed: install Node 24.6 or newer.`,
  );
}

install();
const environment = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
const node = runtime();
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...rest], {
  stdio: 'inherit',
  env: environment,
});
child.on('error', ({ message }) =>
  giveUp(`${node} could not be started (${message}): delete node_modules, and try again.`),
);
// Ctrl-C reaches the child by itself too, as part of the foreground group: it must take several at once for one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// npm runs a shell, and where that does not hand its process over to us, a signal to npm ends the shell and leaves us behind.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
  watch.unref();
}
child.on('exit', (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code ?? 1);
});
