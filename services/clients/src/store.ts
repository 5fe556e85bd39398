import { cutPage, type Page, type PageRequest } from '@shop/shared/keyset';
import type { Connection } from '@shop/shared/mongo';
import { type Model, Schema, Types } from 'mongoose';
import type { Client } from './client.ts';

export interface ClientStore {
  readonly insert: (client: Client) => Promise<void>;
  readonly find: (id: string) => Promise<Client | undefined>;
  /** Newest first. */
  readonly page: (request: PageRequest) => Promise<Page<Client>>;
}

interface ClientDocument extends Omit<Client, 'id'> {
  readonly _id: Types.ObjectId;
}

// No index but that of `_id`: pages run along it. The cpf is not unique on purpose: whoever tries the shop out creates
// the client of the walk-through again and again, and a second run must not fail.
const clientSchema = new Schema(
  {
    name: { type: String, required: true },
    email: { type: String, required: true },
    phone: { type: String, required: true },
    cpf: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', versionKey: false },
);

function fromDocument({ _id, ...rest }: ClientDocument): Client {
  return { ...rest, id: _id.toHexString() };
}

export function mongoClientStore(connection: Connection): ClientStore {
  const model = connection.model('Client', clientSchema, 'clients') as unknown as Model<ClientDocument>;
  return {
    async insert({ id, ...rest }) {
      await model.create({ _id: new Types.ObjectId(id), ...rest });
    },
    async find(id) {
      const found = await model.findById(new Types.ObjectId(id)).lean<ClientDocument>().exec();
      return found ? fromDocument(found) : undefined;
    },
    async page({ limit, after }) {
      const filter = after === undefined ? {} : { _id: { $lt: new Types.ObjectId(after) } };
      const query = model
        .find(filter)
        .sort({ _id: -1 })
        .limit(limit + 1);
      return cutPage((await query.lean<ClientDocument[]>().exec()).map(fromDocument), limit);
    },
  };
}
