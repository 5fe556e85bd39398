/** A customer of the shop. Everything but the id is personal data: it is stored and answered, never logged. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  /** Eleven digits. Check digits are not verified: the contract's own example has wrong ones. */
  readonly cpf: string;
  readonly createdAt: Date;
}
