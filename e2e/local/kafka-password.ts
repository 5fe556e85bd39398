import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { alterUserScramCredentialsV0, Connection } from '@platformatic/kafka';

const scramSha512 = 2;
const iterations = 4_096;

/** Changes the SCRAM-SHA-512 password of a user of Kafka, at a listener that lets everybody in. */
export async function setKafkaPassword(broker: string, name: string, password: string): Promise<void> {
  const [host = '', port] = broker.split(':');
  const connection = new Connection('test');
  await connection.connect(host, Number(port));
  const salt = randomBytes(16);
  const saltedPassword = pbkdf2Sync(password, salt, iterations, 64, 'sha512');
  try {
    const change = { name, mechanism: scramSha512, iterations, salt, saltedPassword };
    await alterUserScramCredentialsV0.api.async(connection, [], [change]);
  } finally {
    await connection.close();
  }
}
