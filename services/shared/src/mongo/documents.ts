import { type Model, type Schema, Types } from 'mongoose';
import { cutPage, type Page, type PageRequest } from '../keyset.ts';
import type { Connection } from './connect.ts';

/** Things that are created and read, and never changed. */
export interface Documents<T extends { readonly id: string }> {
  readonly insert: (thing: T) => Promise<void>;
  readonly find: (id: string) => Promise<T | undefined>;
  /** Newest first. */
  readonly page: (request: PageRequest) => Promise<Page<T>>;
}

/** No index but that of `_id`: pages run along it. Ids are the 24 hex digits of an ObjectId and must have been checked: a malformed one throws. */
export function mongoDocuments<T extends { readonly id: string }>(
  connection: Connection,
  { name, schema }: { name: string; schema: Schema },
): Documents<T> {
  type Stored = Omit<T, 'id'> & { readonly _id: Types.ObjectId };
  const model = connection.model(name, schema, name) as unknown as Model<Stored>;
  const fromStored = ({ _id, ...rest }: Stored) => ({ ...rest, id: _id.toHexString() }) as unknown as T;
  return {
    async insert({ id, ...rest }) {
      await model.create({ _id: new Types.ObjectId(id), ...rest } as never);
    },
    async find(id) {
      const stored = await model.findById(id).lean<Stored>().exec();
      return stored ? fromStored(stored) : undefined;
    },
    async page({ limit, after }) {
      const found = await model
        .find(after ? { _id: { $lt: after } } : {})
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean<Stored[]>()
        .exec();
      return cutPage(found.map(fromStored), limit);
    },
  };
}
