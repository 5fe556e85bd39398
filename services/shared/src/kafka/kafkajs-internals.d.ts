declare module 'kafkajs/src/network/requestQueue/index.js' {
  interface InFlight {
    readonly sentAt: number;
    readonly requestTimeout: number;
    timeoutRequest(): void;
  }

  /** The parts of kafkajs that kafkajs-repairs.ts mends. */
  class RequestQueue {
    readonly enforceRequestTimeout: boolean;
    readonly inflight: ReadonlyMap<number, InFlight>;
    readonly isConnected: () => boolean;
    readonly pending: readonly unknown[];
    requestTimeoutIntervalId: NodeJS.Timeout;
    destroy(): void;
    scheduleCheckPendingRequests(): void;
    scheduleRequestTimeoutCheck(): void;
  }
  export = RequestQueue;
}

declare module 'kafkajs/src/broker/index.js' {
  class Broker {
    produce(request: object): Promise<object>;
  }
  export = Broker;
}

declare module 'kafkajs/src/network/connection.js' {
  class Connection {
    readonly connectionTimeout: number;
    connect(): Promise<boolean>;
  }
  export = Connection;
}

declare module 'kafkajs/src/consumer/consumerGroup.js' {
  class ConsumerGroup {
    /** How long a broker may keep a request that finds nothing. */
    maxWaitTime: number;
    readonly sessionTimeout: number;
    paused(): readonly { readonly partitions: readonly number[] }[];
    fetch(nodeId: number): Promise<{ readonly rawMessages: readonly unknown[] }[]>;
    joinAndSync(): Promise<void>;
    readonly offsetManager: object;
    commitOffsets(offsets: object): Promise<void>;
  }
  export = ConsumerGroup;
}

declare module 'kafkajs/src/consumer/runner.js' {
  /** What tries again to commit, for the test of that. */
  class Runner {
    constructor(options: object);
    running: boolean;
    commitOffsets(offsets: object): Promise<void>;
  }
  export = Runner;
}
