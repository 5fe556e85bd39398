import type { Connection } from '@shop/shared/mongo/connect';
import { type Documents, mongoDocuments } from '@shop/shared/mongo/documents';
import { Schema } from 'mongoose';
import type { Product } from './product.ts';

export type ProductStore = Documents<Product>;

const schema = new Schema(
  {
    name: { type: String, required: true },
    // Not `required`: mongoose takes an empty text for a missing one, and a product may go without a description.
    description: { type: String },
    priceCents: { type: Number, required: true },
    quantity: { type: Number, required: true },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', versionKey: false },
);

export function mongoProductStore(connection: Connection): ProductStore {
  return mongoDocuments<Product>(connection, { name: 'products', schema });
}
