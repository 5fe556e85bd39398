declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** The parts of kafkajs that kafkajs-repairs.ts mends. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
  export = RequestQueue;
}

declare module 'kafkajs/src/network/connection.js' {
  class Connection {
    readonly connectionTimeout: number;
    connect(): Promise<boolean>;
  }
  export = Connection;
}
