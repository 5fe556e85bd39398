import type { Dialogue, Passage } from './passage.ts';

/** A protocol that is carried and not read: whole connections can be disturbed, no single message can. */
export function unreadDialogue(): Dialogue {
  const carry = (direction: Passage['direction']) => (bytes: Buffer) => [
    { direction, operation: 'unread', request: '', bytes },
  ];
  return { requests: carry('request'), answers: carry('answer') };
}
