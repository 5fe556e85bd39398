import type { Dialogue } from './passage.ts';

/** `POST /charges`, `PATCH /v1/orders/ID`, from the first line of a request; `undefined` for the rest of one. */
function operationOf(text: string): string | undefined {
  return /^([A-Z]+ [^ ?]+)\S* HTTP\/1\.1\r\n/.exec(text)?.[1];
}

/**
 * Small requests, one after the other on a connection, as the services' client sends them: a request begins with a
 * chunk and an answer is what follows it. Larger ones come through as well, in parts that are called the same.
 */
export function httpDialogue(): Dialogue {
  let asked = { operation: 'other', request: '' };
  return {
    requests(bytes) {
      const request = bytes.toString('latin1');
      const operation = operationOf(request);
      if (operation) asked = { operation, request };
      return [{ direction: 'request', ...asked, bytes }];
    },
    answers: (bytes) => [{ direction: 'answer', ...asked, bytes }],
  };
}
