import { connectMongo, pingMongo } from '../../services/shared/src/mongo.ts';
import { SetupError } from '../embedded/setup-error.ts';
import { serverOf } from './address-list.ts';
import { databaseUri, type Plan } from './plan.ts';

/** @throws SetupError when no server answers at MONGODB_URI, or it refuses the login */
export async function requireMongo({ mongodbUri }: Plan): Promise<void> {
  try {
    const connection = await connectMongo({ mongodbUri: databaseUri(mongodbUri, 'orders') });
    await pingMongo(connection).finally(() => connection.close());
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new SetupError(
      `MONGODB_URI names ${serverOf(mongodbUri)}, but it can't be used (${reason}): start it or correct the address, or unset MONGODB_URI to have a MongoDB started here.`,
    );
  }
}

export async function requireBrokers(_plan: Plan, _environment: NodeJS.ProcessEnv): Promise<void> {}
export async function requireTopics(_plan: Plan, _environment: NodeJS.ProcessEnv): Promise<void> {}
