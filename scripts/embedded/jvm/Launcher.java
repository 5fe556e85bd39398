import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Runs another class's main method, as the only server on a folder, and ends the JVM in order when standard input is
 * closed. The operating system closes it when the parent process ends, however it ends, so no server outlives the script
 * that started it.
 *
 * <p>Arguments: LOCK-FILE CLASS ARGUMENT...
 */
public final class Launcher {
  private static final long SHUTDOWN_LIMIT_MS = 15_000;

  /** Held until the process ends; the operating system then lets go of it, so a killed server leaves no lock. */
  private static FileLock lock;

  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    lock = lock(Path.of(arguments[0]));
    if (lock == null) {
      System.err.println("folder in use");
      System.exit(1);
    }
    daemon("stdin-watch", Launcher::exitAtEndOfInput);
    var main = Class.forName(arguments[1]).getMethod("main", String[].class);
    try {
      main.invoke(null, (Object) Arrays.copyOfRange(arguments, 2, arguments.length));
    } catch (InvocationTargetException failure) {
      // Threads that the class has started already would keep a JVM alive that serves nobody.
      failure.getCause().printStackTrace();
      System.exit(1);
    }
  }

  /** Kafka's own lock comes too late: a second broker has written to the first one's metadata by then. */
  private static FileLock lock(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).tryLock();
  }

  private static void exitAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // What is written to the server is of no interest, only that the writer still lives.
      }
    } catch (IOException gone) {
      // A broken pipe means the same as its end.
    }
    daemon("halt-watch", Launcher::haltAfterLimit);
    System.exit(0);
  }

  /** A shutdown hook may wait for ever, for example for a start-up that never finishes. */
  private static void haltAfterLimit() {
    try {
      Thread.sleep(SHUTDOWN_LIMIT_MS);
    } catch (InterruptedException impossible) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(1);
  }

  private static void daemon(String name, Runnable task) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }
}
