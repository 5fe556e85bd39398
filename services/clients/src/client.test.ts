import { describe, expect, it } from '@jest/globals';
import { clientRequest } from './client.ts';

const joao = { name: 'João', email: 'joao@test.com', phone: '11999999999', cpf: '12345678901' };
const isAccepted = (more: object) => clientRequest.safeParse({ ...joao, ...more }).success;

describe('a client', () => {
  it('is accepted as the walk-through writes it, check digits or not', () => {
    expect(clientRequest.parse(joao)).toEqual(joao);
  });

  it('may have any name that shows, up to 200 characters', () => {
    for (const name of ["Zoë O'Neill-Çelik", '李', ' x ', 'x'.repeat(200)]) expect(isAccepted({ name })).toBe(true);
    for (const name of ['', '   ', 'a\nb', 'x'.repeat(201)]) expect(isAccepted({ name })).toBe(false);
  });

  it('has an e-mail address that could be one', () => {
    for (const email of ['a.b+c@sub.example.org', 'x@y.io']) expect(isAccepted({ email })).toBe(true);
    for (const email of ['joao', 'joao@', '@test.com', 'a b@test.com', `${'x'.repeat(250)}@y.io`])
      expect(isAccepted({ email })).toBe(false);
  });

  it('has a phone number as people write it', () => {
    for (const phone of ['+55 (11) 99999-9999', '11.9999.9999']) expect(isAccepted({ phone })).toBe(true);
    for (const phone of ['1234567', 'call me maybe', '++5511999999', '1'.repeat(25)])
      expect(isAccepted({ phone })).toBe(false);
  });

  it('has a cpf of exactly eleven digits', () => {
    for (const cpf of ['1234567890', '123456789012', '123.456.789-01', '1234567890x', 12345678901])
      expect(isAccepted({ cpf })).toBe(false);
  });
});
