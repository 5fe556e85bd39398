import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.DefaultQueryMatcher;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The documents that match a partial index's filter, in the order of its keys. A query that repeats the filter looks at
 * them alone, and one that is sorted by the first key and limited at no more than it returns. mongo-java-server itself has
 * unique indexes only, and would look at every document: polling for what is due would cost more the more is due.
 *
 * <p>Kept in memory, and filled anew from the collection when the server starts.
 */
final class PartialIndex extends Index<Object> {
  private final Document filter;
  private final DefaultQueryMatcher matcher = new DefaultQueryMatcher();
  private final Map<Object, Entry> entries = new HashMap<>();
  private final TreeSet<Entry> sorted;

  /** @param keys of a document that has nothing but the keys of the index */
  private record Entry(Document keys, Object position) {}

  PartialIndex(String name, List<IndexKey> keys, Document filter) {
    super(name, keys, true);
    this.filter = filter;
    this.sorted = new TreeSet<>(order(keys));
  }

  private static Comparator<Entry> order(List<IndexKey> keys) {
    var byKeys = keys.stream().map(PartialIndex::order).reduce(Comparator::thenComparing).orElseThrow();
    return byKeys.thenComparing(Entry::position, ValueComparator.asc());
  }

  private static Comparator<Entry> order(IndexKey key) {
    var values = key.isAscending() ? ValueComparator.asc() : ValueComparator.desc();
    return Comparator.comparing(entry -> Utils.getSubdocumentValue(entry.keys(), key.getKey()), values);
  }

  boolean isFilteredBy(Document query) {
    return filter.equals(query);
  }

  /** Whether `first` can tell what the query finds: it asks for nothing that the index does not know. */
  boolean sorts(Document query, Document sort) {
    return canHandle(query)
        && keys().containsAll(unfiltered(query).keySet())
        && sort.size() == 1
        && sort.get(keys().get(0)) instanceof Number direction
        && (direction.intValue() > 0) == getKeys().get(0).isAscending();
  }

  /** The positions of the first documents that match the query. */
  List<Object> first(Document query, int limit) {
    var rest = unfiltered(query);
    return sorted.stream()
        .filter(entry -> matcher.matches(entry.keys(), rest))
        .limit(limit)
        .map(Entry::position)
        .toList();
  }

  private Document unfiltered(Document query) {
    var rest = query.clone();
    filter.keySet().forEach(rest::remove);
    return rest;
  }

  @Override
  public boolean canHandle(Document query) {
    return filter.entrySet().stream().allMatch(part -> part.getValue().equals(query.get(part.getKey())));
  }

  /** A copy: whoever iterates may change the documents meanwhile. */
  @Override
  public Iterable<Object> getPositions(Document query) {
    return sorted.stream().map(Entry::position).toList();
  }

  @Override
  public void add(Document document, Object position, MongoCollection<Object> collection) {
    forget(position);
    if (matcher.matches(document, filter)) {
      var keys = new Document();
      keys().forEach(key -> Utils.copySubdocumentValue(document, keys, key));
      var entry = new Entry(keys, position);
      entries.put(position, entry);
      sorted.add(entry);
    }
  }

  @Override
  public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
    add(after, position, collection);
  }

  /** The answer is left to the index of the id: a position is the value of the id. */
  @Override
  public Object remove(Document document) {
    forget(document.get("_id"));
    return null;
  }

  private void forget(Object position) {
    var entry = entries.remove(position);
    if (entry != null) {
      sorted.remove(entry);
    }
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
    return entries.size();
  }

  @Override
  public long getDataSize() {
    return 0;
  }

  @Override
  public void drop() {
    entries.clear();
    sorted.clear();
  }
}
