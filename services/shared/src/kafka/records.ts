/** One value, several under one name, or none; as Kafka has it. */
export type RawHeaders = Readonly<Record<string, HeaderValue | HeaderValue[]>>;
type HeaderValue = Buffer | string | null | undefined;

export interface OutgoingRecord {
  readonly topic: string;
  /** Chooses the partition (murmur2, as Java's clients do); null spreads records over all of them, without order. */
  readonly key: string | Buffer | null;
  readonly value: Buffer | string | null;
  readonly headers: RawHeaders;
}

export interface FetchedRecord {
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RawHeaders;
  readonly timestamp: Date;
}
