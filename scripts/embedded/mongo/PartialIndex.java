import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.DefaultQueryMatcher;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.bson.Document;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where the documents are that match a partial index's filter, and nothing about their order: a query that repeats the
 * filter looks at them alone. mongo-java-server itself has unique indexes only, and would look at every document.
 *
 * <p>Kept in memory, and filled anew from the collection when the server starts.
 */
final class PartialIndex extends Index<Object> {
  private final Document filter;
  private final DefaultQueryMatcher matcher = new DefaultQueryMatcher();
  private final Set<Object> positions = new LinkedHashSet<>();

  PartialIndex(String name, List<IndexKey> keys, Document filter) {
    super(name, keys, true);
    this.filter = filter;
  }

  @Override
  public boolean canHandle(Document query) {
    return filter.entrySet().stream().allMatch(part -> part.getValue().equals(query.get(part.getKey())));
  }

  /** A copy: whoever iterates may change the documents meanwhile. */
  @Override
  public Iterable<Object> getPositions(Document query) {
    return List.copyOf(positions);
  }

  @Override
  public void add(Document document, Object position, MongoCollection<Object> collection) {
    if (matcher.matches(document, filter)) {
      positions.add(position);
    }
  }

  @Override
  public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
    if (matcher.matches(after, filter)) {
      positions.add(position);
    } else {
      positions.remove(position);
    }
  }

  /** The answer is left to the index of the id: a position is the value of the id. */
  @Override
  public Object remove(Document document) {
    positions.remove(document.get("_id"));
    return null;
  }

  @Override
  public Object getPosition(Document document) {
    return null;
  }

  @Override
  public void checkAdd(Document document, MongoCollection<Object> collection) {}

  @Override
  public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {}

  @Override
  public long getCount() {
    return positions.size();
  }

  @Override
  public long getDataSize() {
    return 0;
  }

  @Override
  public void drop() {
    positions.clear();
  }
}
