import { SetupError } from './setup-error.ts';

/** Another server still has the folder. */
export class FolderInUse extends SetupError {
  constructor(folder: string, server: string) {
    super(`${folder} is in use by another ${server} that still runs: stop that one first.`);
  }
}
