import { z } from 'zod';

/** Rules of what a client is made of. Length limits keep a page of a hundred clients small. */
export const clientRequest = z.strictObject({
  name: z
    .string()
    .max(200)
    .regex(/^(?=.*\S)\P{Cc}+$/u, 'must not be blank, nor hold control characters'),
  email: z.email().max(254),
  phone: z
    .string()
    .regex(/^\+?[\d ().-]{8,24}$/, 'must be 8 to 24 digits, spaces, dots, dashes or brackets, and may begin with +'),
  // Eleven digits are enough: the check digits are not asked for, so that made-up numbers do for trying the shop out.
  cpf: z.string().regex(/^\d{11}$/, 'must be eleven digits'),
});

export type ClientRequest = z.infer<typeof clientRequest>;

/** A client never changes once it is created: orders may remember it. */
export interface Client extends ClientRequest {
  /** 24 hex digits. */
  readonly id: string;
  readonly createdAt: Date;
}
