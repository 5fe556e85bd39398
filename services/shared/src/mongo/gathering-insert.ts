import { type Collection, mongo } from 'mongoose';
import { gather, type Outcomes } from './gather.ts';

/** Documents of ours have a few kilobytes, and a command may have 48 MB. */
const maxDocuments = 200;
/** One on its way to the server while another is being written there. */
const maxCalls = 2;

/**
 * Inserts a document, in one command with those that are inserted at the same moment. Each caller learns of its own
 * document alone: a duplicate key (see `isDuplicateKey`) refuses one and not its neighbours.
 *
 * @param collection documents must have their `_id`
 */
export function gatheringInsert(collection: Collection): (document: object) => Promise<void> {
  return gather({
    work: (documents: readonly object[]) => insertAll(collection, documents),
    maxItems: maxDocuments,
    maxCalls,
  });
}

async function insertAll(collection: Collection, documents: readonly object[]): Promise<Outcomes> {
  try {
    await collection.insertMany([...documents], { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    // Written, but not known to be safe: that is true of all of them.
    if (error.result.getWriteConcernError()) throw error;
    const refused = [error.writeErrors].flat();
    // A connection that broke has the same name in the driver: nothing is known of any document then.
    if (refused.length === 0) throw error;
    const outcomes: Error[] = [];
    for (const { index, code, errmsg } of refused)
      outcomes[index] = new mongo.MongoServerError({ code, message: errmsg ?? '' });
    return outcomes;
  }
}
