import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.bson.Document;

/**
 * The index of the ids, used for every query that names ids, whatever else it asks for. The library uses it for queries of
 * the id alone, and would look at every document for a compare-and-set.
 */
final class IdIndex extends Index<Object> {
  private final Index<Object> ids;

  IdIndex(Index<Object> ids) {
    super(ids.getName(), ids.getKeys(), false);
    this.ids = ids;
  }

  private static Document idsIn(Document query) {
    return new Document("_id", query.get("_id"));
  }

  @Override
  public boolean canHandle(Document query) {
    return query.containsKey("_id") && ids.canHandle(idsIn(query));
  }

  /** More than match: the collection holds the rest of the query against each. */
  @Override
  public Iterable<Object> getPositions(Document query) {
    return ids.getPositions(idsIn(query));
  }

  @Override
  public Object getPosition(Document document) {
    return ids.getPosition(document);
  }

  @Override
  public void checkAdd(Document document, MongoCollection<Object> collection) {
    ids.checkAdd(document, collection);
  }

  @Override
  public void add(Document document, Object position, MongoCollection<Object> collection) {
    ids.add(document, position, collection);
  }

  @Override
  public Object remove(Document document) {
    return ids.remove(document);
  }

  @Override
  public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
    ids.checkUpdate(before, after, collection);
  }

  @Override
  public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
    ids.updateInPlace(before, after, position, collection);
  }

  @Override
  public boolean isEmpty() {
    return ids.isEmpty();
  }

  @Override
  public long getCount() {
    return ids.getCount();
  }

  @Override
  public long getDataSize() {
    return ids.getDataSize();
  }

  @Override
  public boolean isUnique() {
    return true;
  }

  @Override
  public void drop() {
    ids.drop();
  }
}
