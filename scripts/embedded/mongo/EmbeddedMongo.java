import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.net.InetSocketAddress;
import java.util.List;
import org.h2.mvstore.MVStore;

/**
 * mongo-java-server on one H2 file, for machines where no mongod can be had.
 *
 * <p>Arguments: FILE PORT
 */
public final class EmbeddedMongo {
  /** The oldest protocol that the Node.js driver accepts; the library itself knows no version above 8. */
  private static final int WIRE_VERSION = 9;

  /** What a killed process may lose. H2 alone would wait for a second. */
  private static final int COMMIT_DELAY_MS = 50;

  public static void main(String[] arguments) {
    var store = MVStore.open(arguments[0]);
    store.setAutoCommitDelay(COMMIT_DELAY_MS);
    var backend = new H2Backend(store);
    backend.version(new ReportedVersion());
    var server = new MongoServer(backend);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
    server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])));
  }

  private static final class ReportedVersion implements MongoVersion {
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
