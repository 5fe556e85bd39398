declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** The part of kafkajs' request queue that kafka.ts mends. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
  export = RequestQueue;
}
