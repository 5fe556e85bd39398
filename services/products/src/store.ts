import { cutPage, type Page, type PageRequest } from '@shop/shared/keyset';
import type { Connection } from '@shop/shared/mongo';
import { type Model, Schema, Types } from 'mongoose';
import type { Product } from './product.ts';

export interface ProductStore {
  readonly insert: (product: Product) => Promise<void>;
  readonly find: (id: string) => Promise<Product | undefined>;
  /** Newest first. */
  readonly page: (request: PageRequest) => Promise<Page<Product>>;
}

interface ProductDocument extends Omit<Product, 'id'> {
  readonly _id: Types.ObjectId;
}

// No index but that of `_id`: pages run along it.
const productSchema = new Schema(
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

function fromDocument({ _id, ...rest }: ProductDocument): Product {
  return { ...rest, id: _id.toHexString() };
}

export function mongoProductStore(connection: Connection): ProductStore {
  const model = connection.model('Product', productSchema, 'products') as unknown as Model<ProductDocument>;
  return {
    async insert({ id, ...rest }) {
      await model.create({ _id: new Types.ObjectId(id), ...rest });
    },
    async find(id) {
      const found = await model.findById(new Types.ObjectId(id)).lean<ProductDocument>().exec();
      return found ? fromDocument(found) : undefined;
    },
    async page({ limit, after }) {
      const filter = after === undefined ? {} : { _id: { $lt: new Types.ObjectId(after) } };
      const query = model
        .find(filter)
        .sort({ _id: -1 })
        .limit(limit + 1);
      return cutPage((await query.lean<ProductDocument[]>().exec()).map(fromDocument), limit);
    },
  };
}
