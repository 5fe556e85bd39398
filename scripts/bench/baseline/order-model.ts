import mongoose, { Schema } from 'mongoose';

/** An order as the baselines store it, which is what ours stores without its outbox. */
export const Order = mongoose.model(
  'Order',
  new Schema(
    {
      clientId: { type: String, required: true },
      clientName: { type: String, required: true },
      items: [{ _id: false, productId: String, quantity: Number, price: Number }],
      total: { type: Number, required: true },
      payments: [{ _id: false, typePaymentId: Number, amount: Number }],
      status: { type: String, required: true },
    },
    { timestamps: true, versionKey: false },
  ),
);
