import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.AbstractMongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * mongo-java-server on one H2 file, for machines where no mongod can be had.
 *
 * <p>Arguments: FILE PORT
 */
public final class EmbeddedMongo {
  private static final Document COUNT =
      new Document("$group", new Document("_id", 1).append("n", new Document("$sum", 1)));

  public static void main(String[] arguments) {
    var backend = new CommittingBackend(new MVStore.Builder().fileName(arguments[0]).pageSplitSize(4_096).autoCommitDisabled().open());
    backend.version(new ReportedVersion());
    var server = new MongoServer(backend);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
    server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])));
  }

  /**
   * H2 alone writes to its file once a second. Here a change is in the file before it is acknowledged, so a killed
   * process loses nothing that a client was told is stored. A power cut may: nothing is forced to the disk, and the space
   * of old versions is used again soon, without which the file would grow by 25 kB per write.
   */
  private static final class CommittingBackend extends H2Backend {
    private static final int COMMITS_BETWEEN_COMPACTIONS = 256;
    private static final int FILL_PERCENT = 40;
    private static final int COMPACTION_BYTES = 4 << 20;

    private final Object documents = new Object();
    private long answers;
    private long committed;
    private long commits;

    CommittingBackend(MVStore store) {
      super(store);
      store.setRetentionTime(2_000);
      store.setVersionsToKeep(0);
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
      return new IndexingDatabase(name, getMvStore(), getCursorRegistry());
    }

    /**
     * Answered with a copy, and while nobody writes to the file: the library changes the documents that it stores in place,
     * and would encode them, for the client or for the file, while the next request changes them.
     */
    @Override
    public Document handleMessage(MongoMessage message) {
      Document answer;
      long change;
      synchronized (documents) {
        answer = super.handleMessage(message).cloneDeeply();
        answers += 1;
        change = answers;
      }
      commitUpTo(change);
      return answer;
    }

    /** Who waits for the commit of another finds its own change in the file after it, or makes one commit for all who wait. */
    private synchronized void commitUpTo(long change) {
      if (committed >= change) {
        return;
      }
      synchronized (documents) {
        if (getMvStore().hasUnsavedChanges()) {
          commit();
          tidyUp();
        }
        committed = answers;
      }
    }

    /** What H2 would do in a thread of its own, among changes. */
    private void tidyUp() {
      commits += 1;
      if (commits % COMMITS_BETWEEN_COMPACTIONS == 0) {
        getMvStore().compact(FILL_PERCENT, COMPACTION_BYTES);
      }
    }

    /** The library's database with partial indexes, which it would ignore, and more use of the ids. */
    private final class IndexingDatabase extends H2Database {
      /** The index that is being made; those that are opened again have their description in the file. */
      private Document description;

      IndexingDatabase(String name, MVStore store, CursorRegistry cursors) {
        super(name, store, cursors);
      }

      @Override
      protected void addIndex(Document indexDescription) {
        // The first index of a collection creates it, and with it another index.
        var outer = description;
        description = indexDescription;
        try {
          super.addIndex(indexDescription);
        } finally {
          description = outer;
        }
      }

      @Override
      protected Index<Object> openOrCreateSecondaryIndex(
          String collection, String name, List<IndexKey> keys, boolean sparse) {
        var known = description == null ? stored(collection, name) : description;
        if (known != null && known.get("partialFilterExpression") instanceof Document filter) {
          return new PartialIndex(name, keys, filter);
        }
        return super.openOrCreateSecondaryIndex(collection, name, keys, sparse);
      }

      @Override
      protected MongoCollection<Object> openOrCreateCollection(String collection, CollectionOptions options) {
        openTyped("databases." + getFullCollectionNamespace(collection));
        return super.openOrCreateCollection(collection, options);
      }

      @Override
      protected Index<Object> openOrCreateUniqueIndex(
          String collection, String name, List<IndexKey> keys, boolean sparse) {
        openTyped(getFullCollectionNamespace(collection) + "._index_" + name);
        var index = super.openOrCreateUniqueIndex(collection, name, keys, sparse);
        return keys.size() == 1 && keys.get(0).getKey().equals("_id") ? new IdIndex(index) : index;
      }

      @Override
      public Document handleCommand(
          Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
        if (command.equals("aggregate")) {
          var count = counted(query);
          return count == null ? super.handleCommand(channel, command, query, databases, oplog) : count;
        }
        return super.handleCommand(channel, command, command.equals("find") ? byIds(query) : query, databases, oplog);
      }

      /** Counts as drivers do it, by an aggregation, which looks at every document, become counts that use an index. */
      private Document counted(Document query) {
        if (!(query.get("pipeline") instanceof List<?> pipeline)
            || pipeline.size() != 2
            || !(pipeline.get(0) instanceof Document first && first.get("$match") instanceof Document filter)
            || !COUNT.equals(pipeline.get(1))
            || !(resolveCollection((String) query.get("aggregate"), false) instanceof AbstractMongoCollection<?> collection)) {
          return null;
        }
        var count =
            partialIndexes(collection)
                .filter(index -> index.isFilteredBy(filter))
                .findFirst()
                .map(PartialIndex::getCount)
                .orElseGet(() -> (long) collection.count(filter, 0, 0));
        var rows = count == 0 ? List.<Document>of() : List.of(new Document("_id", 1).append("n", count.intValue()));
        var cursor = new Document("id", 0L).append("ns", collection.getFullName()).append("firstBatch", rows);
        return new Document("cursor", cursor).append("ok", 1.0);
      }

      /** The library would read and sort all that a query finds before it keeps to the limit. */
      private Document byIds(Document query) {
        if (!(query.get("filter") instanceof Document filter)
            || !(query.get("sort") instanceof Document sort)
            || !(query.get("limit") instanceof Number limit && limit.intValue() > 0)
            || query.get("skip") instanceof Number skip && skip.intValue() > 0
            || !(resolveCollection((String) query.get("find"), false) instanceof AbstractMongoCollection<?> collection)) {
          return query;
        }
        return partialIndexes(collection)
            .filter(index -> index.sorts(filter, sort))
            .findFirst()
            .map(index -> new Document("_id", new Document("$in", index.first(filter, limit.intValue()))))
            .map(ids -> withFilter(query, ids))
            .orElse(query);
      }

      private static Document withFilter(Document query, Document filter) {
        var changed = query.clone();
        changed.put("filter", filter);
        return changed;
      }

      private static Stream<PartialIndex> partialIndexes(AbstractMongoCollection<?> collection) {
        return collection.getIndexes().stream().filter(PartialIndex.class::isInstance).map(PartialIndex.class::cast);
      }

      /** The library opens its maps by the names of H2, and gets those that are open as they are. */
      private void openTyped(String map) {
        getMvStore().openMap(map, new MVMap.Builder<Object, Object>().keyType(new BsonType()).valueType(new BsonType()));
      }

      private Document stored(String collection, String name) {
        var namespace = getFullCollectionNamespace(collection);
        return getOrCreateIndexesCollection()
            .queryAllAsStream()
            .filter(index -> name.equals(index.get("name")) && namespace.equals(index.get("ns")))
            .findFirst()
            .orElse(null);
      }
    }
  }

  private static final class ReportedVersion implements MongoVersion {
    /** The oldest protocol that the Node.js driver accepts; the library itself knows no version above 8. */
    private static final int WIRE_VERSION = 9;

    @Override
    public List<Integer> getVersionArray() {
      return List.of(4, 4, 0);
    }

    @Override
    public int getWireVersion() {
      return WIRE_VERSION;
    }
  }
}
