/** The recorded burst and its picture, where they are kept. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { burstPlot } from './plot.ts';
import { formatRecording, parseRecording, type Recording } from './recording.ts';

const docs = join(import.meta.dirname, '../../docs');
const file = join(docs, 'data/burst.jsonl');

export function keepBurst(recording: Recording): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, formatRecording(recording));
}

/** docs/burst.svg */
export const burstPicture = (): string => burstPlot(parseRecording(readFileSync(file, 'utf8')), 'A burst at npm start');

export function drawBurst(): void {
  writeFileSync(join(docs, 'burst.svg'), burstPicture());
}
