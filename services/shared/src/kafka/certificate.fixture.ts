import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** PEM texts of a key and of the certificate for 127.0.0.1 that it has signed itself; whoever trusts it names it as its authority. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

/** X.509 by hand (RFC 5280, signed by Ed25519 as in RFC 8410): Node makes keys, but no certificates. */
export function selfSigned(name: string): KeyAndCertificate {
  const { privateKey } = generateKeyPairSync('ed25519');
  const ed25519 = sequence(objectId('2b6570'));
  const commonName = sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(name)))));
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));
  const address = sequence(der(0x87, Buffer.from([127, 0, 0, 1])));
  const alternativeName = sequence(objectId('551d11'), der(0x04, address));
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ed25519,
    commonName,
    validity,
    commonName,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeName)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign(null, toBeSigned, privateKey)]));
  const body = sequence(toBeSigned, ed25519, signature)
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const integer = (bytes: Buffer) => der(0x02, bytes);
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
