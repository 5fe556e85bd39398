import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs another class's main method and ends the JVM in order when standard input is closed. The operating system
 * closes it when the parent process ends, however it ends, so no server outlives the script that started it.
 *
 * <p>Arguments: CLASS ARGUMENT...
 */
public final class Launcher {
  private static final long SHUTDOWN_LIMIT_MS = 15_000;

  public static void main(String[] arguments) throws ReflectiveOperationException {
    daemon("stdin-watch", Launcher::exitAtEndOfInput);
    var main = Class.forName(arguments[0]).getMethod("main", String[].class);
    try {
      main.invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
    } catch (InvocationTargetException failure) {
      // Threads that the class has started already would keep a JVM alive that serves nobody.
      failure.getCause().printStackTrace();
      System.exit(1);
    }
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
