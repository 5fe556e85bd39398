import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Collection;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * What the maps of a collection hold, as BSON: documents, ids, keys of an index. H2's own type serializes by Java, also to
 * compare two keys, which took more time than everything else in this server.
 */
final class BsonType extends BasicDataType<Object> {
  private static final String VALUE = "v";
  private static final String KEY = "k";
  /** Of one value on a page, roughly: it decides how many are on one. All of a page are written when one has changed. */
  private static final int BYTES = 512;

  @Override
  public int getMemory(Object value) {
    return BYTES;
  }

  @Override
  public void write(WriteBuffer target, Object value) {
    target.put(encoded(value).nioBuffer());
  }

  @Override
  public Object read(ByteBuffer source) {
    var buffer = Unpooled.wrappedBuffer(source);
    var document = BsonDecoder.decodeBson(buffer);
    source.position(source.position() + buffer.readerIndex());
    if (document.get(KEY) instanceof Collection<?> parts) {
      return new KeyValue(parts);
    }
    return Missing.ofNullable(document.get(VALUE));
  }

  /** Some total order, the same at every start: by kind, and within a kind its own where it has one. */
  @Override
  @SuppressWarnings("unchecked")
  public int compare(Object one, Object other) {
    var kinds = kindOf(one).compareTo(kindOf(other));
    if (kinds != 0) {
      return kinds;
    }
    if (one instanceof KeyValue a && other instanceof KeyValue b && a.size() == 1 && b.size() == 1) {
      return compare(a.get(0), b.get(0));
    }
    return one instanceof Comparable<?> comparable
        ? ((Comparable<Object>) comparable).compareTo(other)
        : ByteBufUtil.compare(encoded(one), encoded(other));
  }

  private static String kindOf(Object value) {
    return value == null ? "" : value.getClass().getName();
  }

  @Override
  public Object[] createStorage(int size) {
    return new Object[size];
  }

  private static ByteBuf encoded(Object value) {
    var buffer = Unpooled.buffer(BYTES);
    var wrapped = new Document();
    if (value instanceof KeyValue key) {
      wrapped.put(KEY, key.stream().toList());
    } else if (!(value instanceof Missing)) {
      wrapped.put(VALUE, value);
    }
    BsonEncoder.encodeDocument(wrapped, buffer);
    return buffer;
  }
}
