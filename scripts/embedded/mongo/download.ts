/**
 * Finds the mongod that mongodb-memory-server keeps, or downloads it. A program of its own because a download can only
 * be given up by ending it, and because the library prints as it likes. Its last line is `path PATH` or `reason WHY`.
 *
 * Arguments: VERSION
 */
import { MongoBinary } from 'mongodb-memory-server-core';

const [version] = process.argv.slice(2);
if (version === undefined) throw new Error('Which version?');
try {
  console.log(`path ${await MongoBinary.getPath({ version })}`);
} catch (error) {
  const { msg, message } = error as Error & { msg?: string };
  console.log(`reason ${(msg ?? message).split('\n')[0]}`);
}
// After a refusal the library leaves its connection open, and with it this process.
process.exit();
