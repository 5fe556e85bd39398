import type { Connection } from '@shop/shared/mongo/connect';
import { type Documents, mongoDocuments } from '@shop/shared/mongo/documents';
import { Schema } from 'mongoose';
import type { Client } from './client.ts';

export type ClientStore = Documents<Client>;

// The cpf is not unique on purpose: whoever tries the shop out creates the client of the walk-through again and again,
// and a second run must not fail.
const schema = new Schema(
  {
    name: { type: String, required: true },
    email: { type: String, required: true },
    phone: { type: String, required: true },
    cpf: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', versionKey: false },
);

export function mongoClientStore(connection: Connection): ClientStore {
  return mongoDocuments<Client>(connection, { name: 'clients', schema });
}
